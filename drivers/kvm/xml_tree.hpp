// libxml2's tree with owners. Text is data: the library escapes it.
#pragma once

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "firmware/base/result.hpp"

namespace berth::kvm {

struct FreeDocument {
  void operator()(xmlDoc* document) const { xmlFreeDoc(document); }
};
using XmlDocument = std::unique_ptr<xmlDoc, FreeDocument>;

using Attributes = std::initializer_list<std::pair<char const*, std::string_view>>;

// One element of a document, which owns it.
class Element {
 public:
  explicit Element(xmlNodePtr node) : node_(node) {}

  Element add(char const* name, Attributes attributes = {}) const;
  Element add_text(char const* name, std::string_view text, Attributes attributes = {}) const;
  // A child in a namespace of its own.
  Element add_foreign(char const* prefix, char const* uri, char const* name, Attributes attributes = {}) const;

  // Reading. A missing child or attribute is nothing: get() gives "" then.
  Element child(std::string_view name) const;
  std::string get(char const* attribute) const;
  std::string text() const;
  explicit operator bool() const { return node_ != nullptr; }
  xmlNodePtr node() const { return node_; }

 private:
  void set(Attributes attributes) const;
  xmlNodePtr node_;
};

// A document with this root element.
XmlDocument new_document(char const* root, Attributes attributes = {});
Element root_of(XmlDocument const& document);
// Without an XML declaration.
Result<std::string> write_xml(XmlDocument const& document);
// No entities, no network, no DTD. Errors: corrupt.
Result<XmlDocument> parse_xml(std::string_view text);

}  // namespace berth::kvm
