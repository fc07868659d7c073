// xterm.js writes its rules into <style> elements, which a policy without 'unsafe-inline' forbids. Rules made through the CSSOM
// are allowed, so the terminal gets a document whose createElement("style") answers with an element that keeps its text in a
// constructed style sheet instead (option documentOverride; https://www.w3.org/TR/CSP3/#directive-style-src, CSSOM 6.1).

// One style sheet, there as long as its element is used.
function sheet_element(): HTMLElement {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const element = document.createElement("span");
  element.hidden = true;
  let text = "";
  const remove = element.remove.bind(element);
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
        remove();
      },
    },
  });
  return element;
}

function create(name: string, options?: ElementCreationOptions): HTMLElement {
  return name.toLowerCase() === "style" ? sheet_element() : document.createElement(name, options);
}

// A view of the page's document, for one terminal.
export function bridged_document(): Document {
  return new Proxy(document, {
    get(target, name) {
      if (name === "createElement") return create;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value, target),
  });
}
