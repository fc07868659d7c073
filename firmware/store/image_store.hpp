// Images: what servers are made from.
#pragma once

#include <boost/describe.hpp>
#include <string>
#include <vector>

#include "firmware/base/clock.hpp"
#include "firmware/base/ids.hpp"
#include "firmware/base/result.hpp"
#include "firmware/base/units.hpp"
#include "firmware/store/server_store.hpp"
#include "firmware/store/transaction_scope.hpp"

namespace berth::store {

enum class ImageFormat { qcow2, oci_archive };
BOOST_DESCRIBE_ENUM(ImageFormat, qcow2, oci_archive)

enum class ImageState { importing, ready, failed };
BOOST_DESCRIBE_ENUM(ImageState, importing, ready, failed)

struct Image {
  ImageId id;
  NodeId node;
  std::string name;   // unique, for people and scripts: "debian-13-vm"
  std::string title;  // "Debian 13"
  ServerKind kind = ServerKind::vm;
  std::string os;
  std::string version;
  ImageFormat format = ImageFormat::qcow2;
  std::string sha256;  // of the file, lower-case hex
  std::string source;  // path of the file that it is imported from
  Bytes size;
  Bytes min_disk;
  Bytes min_memory;
  std::string login;  // the user that a person signs in as, "" for none
  ImageState state = ImageState::importing;
  std::string state_reason;
  Moment state_since;  // written by the store
};

class ImageStore {
 public:
  explicit ImageStore(TransactionScope& scope) : scope_(&scope) {}
  // Without superseded ones.
  Result<std::vector<Image>> all() const;
  // By id (superseded ones too) or by name. Errors: not_found.
  Result<Image> find(std::string_view id_or_name) const;
  Result<void> add(Image const& image);  // Errors: conflict ("image-name-taken")
  // New words for the same content: title, os, version, source, needs, login.
  Result<void> describe(Image const& image);
  // Its name goes to a newer build; servers made from it keep it.
  Result<void> supersede(ImageId const& id);
  Result<void> set_state(ImageId const& id, ImageState state, std::string_view reason);
  // `min_disk` grows to what the engine found the image to need.
  Result<void> set_sizes(ImageId const& id, Bytes stored, Bytes min_disk);

 private:
  TransactionScope* scope_;
};

}  // namespace berth::store
