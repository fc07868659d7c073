// Whose rows a query may see. Every query over tenant-owned tables takes one.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "firmware/base/ids.hpp"

namespace berth::store {

class TenantScope {
 public:
  static TenantScope one(TenantId tenant) { return TenantScope(false, {std::move(tenant)}); }
  static TenantScope some(std::vector<TenantId> tenants) { return TenantScope(false, std::move(tenants)); }
  // Every tenant: staff, jobs and reconcilers only. The name is long so that a reader stops at it.
  static TenantScope all_tenants_for_staff() { return TenantScope(true, {}); }

  bool all() const { return all_; }
  std::vector<TenantId> const& tenants() const { return tenants_; }
  bool contains(TenantId const& tenant) const {
    for (auto const& mine : tenants_)
      if (mine == tenant) return true;
    return all_;
  }
  // The tenants as a JSON list, for "tenant_id IN (SELECT value FROM json_each(?))".
  std::string json() const {
    std::string text = "[";
    for (auto const& tenant : tenants_) text += (text.size() > 1 ? ",\"" : "\"") + tenant.str() + "\"";
    return text + "]";
  }

 private:
  TenantScope(bool all, std::vector<TenantId> tenants) : all_(all), tenants_(std::move(tenants)) {}
  bool all_;
  std::vector<TenantId> tenants_;
};

// One page of a list ordered by id.
template <class T>
struct Page {
  std::vector<T> items;
  std::string next_cursor;  // id of the last item when more follow, else ""
};
struct PageWish {
  std::size_t limit = 20;  // 1 to 100
  std::string after = "";  // an id; "" from the beginning
};

}  // namespace berth::store
