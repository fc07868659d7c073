#include "drivers/kvm/xml_tree.hpp"

#include <new>

namespace berth::kvm {
namespace {

// libxml2 gives nothing only when memory ran out; nothing else of ours can go on then either.
template <class T>
T* must(T* thing) {
  if (thing == nullptr) throw std::bad_alloc();
  return thing;
}

xmlChar const* chars(char const* text) {
  return reinterpret_cast<xmlChar const*>(text);
}

struct FreeChars {
  void operator()(xmlChar* text) const { xmlFree(text); }
};
using Chars = std::unique_ptr<xmlChar, FreeChars>;

std::string take(xmlChar* text) {
  Chars const owned(text);
  return owned ? std::string(reinterpret_cast<char const*>(owned.get())) : std::string();
}

}  // namespace

Element Element::add(char const* name, Attributes attributes) const {
  Element const child(must(xmlNewChild(node_, nullptr, chars(name), nullptr)));
  child.set(attributes);
  return child;
}

Element Element::add_text(char const* name, std::string_view text, Attributes attributes) const {
  auto const child = add(name, attributes);
  xmlNodeAddContentLen(child.node_, chars(text.data()), static_cast<int>(text.size()));
  return child;
}

Element Element::add_foreign(char const* prefix, char const* uri, char const* name, Attributes attributes) const {
  Element const child(must(xmlNewChild(node_, nullptr, chars(name), nullptr)));
  xmlSetNs(child.node_, must(xmlNewNs(child.node_, chars(uri), chars(prefix))));
  child.set(attributes);
  return child;
}

void Element::set(Attributes attributes) const {
  for (auto const& [name, value] : attributes) must(xmlNewProp(node_, chars(name), chars(std::string(value).c_str())));
}

Element Element::child(std::string_view name) const {
  for (auto* at = node_ == nullptr ? nullptr : node_->children; at != nullptr; at = at->next)
    if (at->type == XML_ELEMENT_NODE && name == reinterpret_cast<char const*>(at->name)) return Element(at);
  return Element(nullptr);
}

std::string Element::get(char const* attribute) const {
  return node_ == nullptr ? std::string() : take(xmlGetProp(node_, chars(attribute)));
}

std::string Element::text() const {
  return node_ == nullptr ? std::string() : take(xmlNodeGetContent(node_));
}

XmlDocument new_document(char const* root, Attributes attributes) {
  XmlDocument document(must(xmlNewDoc(chars("1.0"))));
  auto* const node = must(xmlNewDocNode(document.get(), nullptr, chars(root), nullptr));
  xmlDocSetRootElement(document.get(), node);
  for (auto const& [name, value] : attributes) must(xmlNewProp(node, chars(name), chars(std::string(value).c_str())));
  return document;
}

Element root_of(XmlDocument const& document) {
  return Element(xmlDocGetRootElement(document.get()));
}

Result<std::string> write_xml(XmlDocument const& document) {
  std::unique_ptr<xmlBuffer, decltype(&xmlBufferFree)> const buffer(must(xmlBufferCreate()), &xmlBufferFree);
  if (xmlNodeDump(buffer.get(), document.get(), xmlDocGetRootElement(document.get()), 0, 1) < 0)
    return fail(ErrorCode::internal, "xml-error", "the XML document could not be written");
  return std::string(reinterpret_cast<char const*>(xmlBufferContent(buffer.get())),
                     static_cast<std::size_t>(xmlBufferLength(buffer.get())));
}

Result<XmlDocument> parse_xml(std::string_view text) {
  XmlDocument document(xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING));
  if (document == nullptr || xmlDocGetRootElement(document.get()) == nullptr)
    return fail(ErrorCode::corrupt, "xml-error", "this is not XML");
  return document;
}

}  // namespace berth::kvm
