// xterm.js writes its rules into <style> elements, which a policy without 'unsafe-inline' forbids. Rules made through the CSSOM
// are allowed, so while a terminal is opened the document answers createElement("style") with an element that keeps its text in
// a constructed style sheet (CSP3, style-src; CSSOM 6.1). xterm's own option documentOverride reaches only two of its three.

// One style sheet, there as long as its element is used.
function sheet_element(): HTMLElement {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const element = document.createElement("span");
  element.hidden = true;
  let text = "";
  Object.defineProperties(element, {
    textContent: {
      get: () => text,
      set: (rules: string) => {
        text = rules;
        sheet.replaceSync(rules);
      },
    },
    sheet: { get: () => sheet },
    remove: {
      value: () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
        Element.prototype.remove.call(element);
      },
    },
  });
  return element;
}

// `open` is synchronous, so nobody else ever sees the other createElement.
export function with_sheets_for_styles(open: () => void): void {
  const create = Document.prototype.createElement;
  Object.defineProperty(document, "createElement", {
    configurable: true,
    value: (name: string, options?: ElementCreationOptions): HTMLElement =>
      name.toLowerCase() === "style" ? sheet_element() : create.call(document, name, options),
  });
  try {
    open();
  } finally {
    Reflect.deleteProperty(document, "createElement");
  }
}
