// Keys that Label Studio's page lacks: to reach the box, to submit from inside it, to open the whole page.
// Without this script all still works, with a click into the box and Enter before Ctrl+Enter.
(() => {
  "use strict";

  const box = () => document.querySelector(".ocrfill .typed input, .ocrfill .typed textarea");
  // an answer that was given before shows its text with a pencil beside it, and a box only when that is pressed
  const pencil = () => document.querySelector('.ocrfill .typed [data-testid="htx-textbox-edit-button"]');
  const plain = (event) => !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
  const typing = () => ["INPUT", "TEXTAREA", "SELECT"].includes(document.activeElement?.tagName);

  const reach = (field) => {
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  };

  // the page listens on the document for its own keys, and only outside a box
  const submit = () => {
    const event = { key: "Enter", code: "Enter", keyCode: 13, which: 13, ctrlKey: true, bubbles: true };
    document.body.dispatchEvent(new KeyboardEvent("keydown", event));
    document.body.dispatchEvent(new KeyboardEvent("keyup", event));
  };

  document.addEventListener("keydown", (event) => {
    const field = box();
    if (!event.isTrusted || !(field || pencil()) || event.isComposing) return;
    const inside = field && document.activeElement === field;
    if (inside && event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      event.stopImmediatePropagation();
      field.blur();
      setTimeout(submit, 0);
    } else if (plain(event) && !inside && (event.key === "F2" || (event.key === "Tab" && !typing()))) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!field) pencil().click();
      if (box()) reach(box());
      else setTimeout(() => box() && reach(box()), 50);
    } else if (plain(event) && !typing() && event.key.toLowerCase() === "p") {
      const page = document.querySelector(".ocrfill details.page");
      if (page) {
        event.preventDefault();
        page.open = !page.open;
        const shown = page.open ? page.querySelector(".here") || page : document.querySelector(".ocrfill .what");
        shown.scrollIntoView({ block: "center" });
      }
    }
  }, true);
})();
