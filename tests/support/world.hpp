// A store of its own with a machine, a tenant, plans, images and a pool: what most tests begin with.
#pragma once

#include <gtest/gtest.h>

#include <format>
#include <fstream>
#include <memory>
#include <string>

#include "firmware/base/random.hpp"
#include "firmware/store/store.hpp"
#include "tests/support/temporary_folder.hpp"

namespace berth::support {

class World {
 public:
  World() {
    auto opened = store::Store::open({folder_.path() / "berth.db"});
    if (!opened) ADD_FAILURE() << describe(opened.error());
    store_ = *std::move(opened);
    auto made = store_->write(author(), [&](store::Transaction& tx) { return seed(tx); });
    if (!made) ADD_FAILURE() << describe(made.error());
  }

  store::Store& store() { return *store_; }
  std::filesystem::path folder() const { return folder_.path(); }
  store::Author author() const { return {"test", from_ms(1000)}; }
  NodeId const& node() const { return node_; }
  TenantId const& tenant() const { return tenant_; }
  PoolId const& pool() const { return pool_; }
  store::Plan const& plan() const { return plan_; }
  // A ready image of that kind: "tiny-vm", "tiny-container".
  store::Image const& image(store::ServerKind kind) const {
    return kind == store::ServerKind::vm ? vm_image_ : container_image_;
  }

  // A row, with nothing behind it.
  ServerId add_server(std::string const& name, store::ServerKind kind = store::ServerKind::container,
                      ServerId const& id = ServerId::fresh()) {
    store::Server server;
    server.id = id;
    server.tenant = tenant_;
    server.node = node_;
    server.name = name;
    server.hostname = "host";
    server.kind = kind;
    server.image = image(kind).id;
    server.plan = plan_.id;
    server.vcpus = 1;
    server.memory = plan_.memory;
    server.disk = plan_.disk;
    server.mac = std::format("52:54:00:00:{:02x}:{:02x}", made_ / 256, made_ % 256);
    ++made_;
    server.build = store::BuildState::built;
    server.created_at = from_ms(1000);
    auto added = store_->write(author(), [&](store::Transaction& tx) { return tx.servers.add(server); });
    if (!added) ADD_FAILURE() << describe(added.error());
    return server.id;
  }

 private:
  Result<void> seed(store::Transaction& tx) {
    TRY(tx.nodes.add(node_, "here"));
    store::NodeFacts facts;
    facts.cpus = 8;
    facts.memory_bytes = facts.memory_free_bytes = 16 * gib;
    facts.storage_bytes = facts.storage_free_bytes = 100 * gib;
    facts.accelerator = "tcg";
    TRY(tx.nodes.set_facts(node_, facts));
    TRY(tx.tenants.add_house({tenant_, "House", from_ms(1000)}));
    plan_ = {PlanId::fresh(), "tiny", std::nullopt, 1, Bytes{128 * mib}, Bytes{1 * gib}};
    TRY(tx.plans.add(plan_));
    vm_image_ = make_image("tiny-vm", store::ServerKind::vm, store::ImageFormat::qcow2);
    container_image_ = make_image("tiny-container", store::ServerKind::container, store::ImageFormat::oci_archive);
    TRY(tx.images.add(vm_image_));
    TRY(tx.images.add(container_image_));
    return tx.pools.add({pool_, node_, "first", 0x0a4d0000, 24, 0x0a4d0001, {"10.77.0.1"}, true});
  }
  store::Image make_image(std::string name, store::ServerKind kind, store::ImageFormat format) const {
    store::Image image;
    image.id = ImageId::fresh();
    image.node = node_;
    image.name = image.title = std::move(name);
    image.kind = kind;
    image.format = format;
    // Its file, for an engine that imports it.
    image.source = (folder_.path() / (image.name + ".file")).string();
    std::ofstream(image.source) << image.name;
    image.sha256 = sha256_hex(image.name);
    image.min_disk = Bytes{64 * mib};
    image.min_memory = Bytes{32 * mib};
    image.state = store::ImageState::ready;
    return image;
  }

  TemporaryFolder folder_;
  std::unique_ptr<store::Store> store_;
  NodeId node_ = NodeId::fresh();
  TenantId tenant_ = TenantId::fresh();
  PoolId pool_ = PoolId::fresh();
  store::Plan plan_;
  store::Image vm_image_;
  store::Image container_image_;
  int made_ = 0;
};

}  // namespace berth::support
