"""What a page must hold to be legible for everybody: contrast, room, size of what is clicked."""

from __future__ import annotations

from playwright.sync_api import Page

# WCAG 2.2: 1.4.3 contrast of text, 1.4.11 of the borders of fields, 1.4.10 no scrolling to the side, 2.5.8 targets.
_FAULTS = """() => {
  const faults = [];
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((part, place) => part * a + below[place] * (1 - a));
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.push(channels(getComputedStyle(one).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = colour.map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const told = (element) => {
    const text = (element.textContent || element.value).trim().slice(0, 30);
    return `${element.tagName.toLowerCase()}.${element.className} "${text}"`;
  };
  const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length;

  for (const element of document.body.querySelectorAll("*")) {
    if (!isShown(element)) continue;
    const style = getComputedStyle(element);
    const hasText = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (hasText || element.matches("input")) {
      const ratio = contrast(over(channels(style.color), behind(element)), behind(element));
      if (ratio < 4.5) faults.push(`${ratio.toFixed(2)} to 1: ${told(element)}`);
    }
    if (element.matches("input")) {
      const hint = channels(getComputedStyle(element, "::placeholder").color);
      if (contrast(over(hint, behind(element)), behind(element)) < 4.5) faults.push(`placeholder: ${told(element)}`);
      const edge = contrast(over(channels(style.borderTopColor), behind(element)), behind(element.parentElement));
      if (edge < 3) faults.push(`edge ${edge.toFixed(2)} to 1: ${told(element)}`);
    }
    const box = element.getBoundingClientRect();
    const right = document.documentElement.clientWidth;
    if (box.right > right + 0.5 || box.left < -0.5) faults.push(`cut off: ${told(element)}`);
    if (element.scrollWidth > element.clientWidth + 1 && style.display !== "inline" && !element.matches("input")) {
      faults.push(`too narrow: ${told(element)}`);
    }
    if (element.matches("button, input, summary, .style a") && Math.min(box.width, box.height) < 24) {
      faults.push(`too small to hit: ${told(element)}`);
    }
  }
  return faults;
}"""


def faults(page: Page) -> list[str]:
    """Everything on the page, as it is shown now, that is hard to read or to hit."""
    found: list[str] = page.evaluate(_FAULTS)
    return found
