#include "firmware/store/image_store.hpp"

#include "firmware/store/query.hpp"
#include "firmware/store/rows.hpp"

namespace berth::store {
namespace {

#define BERTH_IMAGE_COLUMNS                                                                           \
  "id, node_id, name, title, kind, os, version, format, sha256, source, size_bytes, min_disk_bytes, " \
  "min_memory_bytes, "                                                                                \
  "login, state, state_reason, state_ms"

Image read(Query& q) {
  Image image;
  image.id = q.id<ImageId>();
  image.node = q.id<NodeId>();
  image.name = q.text();
  image.title = q.text();
  image.kind = q.choice<ServerKind>();
  image.os = q.text();
  image.version = q.text();
  image.format = q.choice<ImageFormat>();
  image.sha256 = q.text();
  image.source = q.text();
  image.size = q.bytes();
  image.min_disk = q.bytes();
  image.min_memory = q.bytes();
  image.login = q.text();
  image.state = q.choice<ImageState>();
  image.state_reason = q.text();
  image.state_since = q.moment();
  return image;
}

}  // namespace

Result<std::vector<Image>> ImageStore::all() const {
  Query q(*scope_, "SELECT " BERTH_IMAGE_COLUMNS " FROM images WHERE superseded = 0 ORDER BY name");
  std::vector<Image> images;
  while (TRY(q.step())) images.push_back(read(q));
  return images;
}

Result<Image> ImageStore::find(std::string_view id_or_name) const {
  Query q(*scope_, "SELECT " BERTH_IMAGE_COLUMNS " FROM images WHERE id = ?1 OR (name = ?1 AND superseded = 0)");
  q << id_or_name;
  if (!TRY(q.step())) return no_such("image");
  return read(q);
}

Result<void> ImageStore::add(Image const& image) {
  Query q(*scope_,
          "INSERT INTO images (" BERTH_IMAGE_COLUMNS ", created_ms) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  q << image.id << image.node << image.name << image.title << image.kind << image.os << image.version << image.format
    << image.sha256 << image.source << image.size << image.min_disk << image.min_memory << image.login << image.state
    << image.state_reason << scope_->author.now << scope_->author.now;
  if (auto done = q.run(); !done)
    return std::unexpected(
        named_conflict(std::move(done).error(), "image-name-taken", "There is an image of that name already."));
  return {};
}

Result<void> ImageStore::describe(Image const& image) {
  Query q(*scope_,
          "UPDATE images SET title = ?, os = ?, version = ?, source = ?, min_disk_bytes = max(min_disk_bytes, ?), "
          "min_memory_bytes = ?, login = ? WHERE id = ?");
  q << image.title << image.os << image.version << image.source << image.min_disk << image.min_memory << image.login
    << image.id;
  TRY(q.run());
  return {};
}

Result<void> ImageStore::supersede(ImageId const& id) {
  Query q(*scope_, "UPDATE images SET superseded = 1 WHERE id = ?");
  q << id;
  TRY(q.run());
  return {};
}

Result<void> ImageStore::set_state(ImageId const& id, ImageState state, std::string_view reason) {
  Query q(*scope_, "UPDATE images SET state = ?, state_reason = ?, state_ms = ? WHERE id = ?");
  q << state << reason << scope_->author.now << id;
  TRY(q.run());
  return {};
}

Result<void> ImageStore::set_sizes(ImageId const& id, Bytes stored, Bytes min_disk) {
  Query q(*scope_, "UPDATE images SET size_bytes = ?, min_disk_bytes = max(min_disk_bytes, ?) WHERE id = ?");
  q << stored << min_disk << id;
  TRY(q.run());
  return {};
}

}  // namespace berth::store
