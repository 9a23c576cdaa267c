// Returns what is wrong with the page as it is drawn, each fault as `kind: where`.
// Arguments: the width of the window in CSS pixels, and the language the page should have.
const [width, language] = arguments;
const faults = [];
const all = selector => [...document.querySelectorAll(selector)];
const fault = (kind, where) => faults.push(`${kind}: ${where instanceof Element ? where.outerHTML.slice(0, 160) : where}`);
const faulty = (kind, selector, holds) => all(selector).filter(element => !holds(element)).forEach(element => fault(kind, element));
const isSeen = element => element.checkVisibility() && element.getClientRects().length > 0;

// --- the frame
const root = document.documentElement;
if (root.lang !== language) fault('language', root.lang);
if (!document.title.trim()) fault('title', 'none');
for (const [kind, selector] of [['h1', 'h1'], ['header', 'body > header'], ['main', 'main'], ['footer', 'body > footer']]) {
  if (all(selector).filter(isSeen).length !== 1) fault(kind, all(selector).length);
}
faulty('heading without text', 'h1, h2, h3, h4, h5, h6', element => element.textContent.trim());
all('h1, h2, h3, h4, h5, h6').reduce((above, element) => {
  const level = +element.localName[1];
  if (level > above + 1) fault('heading level skipped', element);
  return level;
}, 0);
faulty('id twice', '[id]', element => all(`[id="${CSS.escape(element.id)}"]`).length === 1);
faulty('script', 'script:not([type="application/ld+json"], [src^="/script/"], [src="/ours/notices.js"]), [onclick], [onload], [onerror], a[href^="javascript:"]', () => false);
faulty('direction', '[lang|="ar"]', element => getComputedStyle(element).direction === 'rtl');

// --- what stands in it
faulty('picture without alt', 'img', element => element.hasAttribute('alt'));
faulty('picture not shown', 'img', element => !element.complete || element.naturalWidth > 0);
const name = element => element.getAttribute('aria-label') ?? element.textContent + [...element.querySelectorAll('img')].map(img => img.alt).join('');
faulty('link without text', 'a[href], button', element => name(element).trim());
faulty('link without address', 'a', element => element.getAttribute('href'));

// --- how it fits
if (root.scrollWidth > width) {
  const scrolls = element => ancestors(element).some(each => getComputedStyle(each).overflowX === 'auto');
  const wide = all('body *').filter(element => element.getBoundingClientRect().right > width + 0.5 && !scrolls(element));
  fault('wider than the window', `${root.scrollWidth} ${wide.map(element => element.outerHTML.slice(0, 80))}`);
}
// links inside of what people wrote stand in a line of text
const touched = 'nav a, header a, .list a:not(.words a), .facts a, .button, button:not([aria-hidden="true"]), input:not([type="hidden"]), select, textarea, summary';
// a small box is touched by its label, too
const target = element => (element.matches('[type=checkbox], [type=radio]') && element.closest('label')) || element;
faulty('too low to be touched', touched, element => element.closest('[hidden]') || target(element).getBoundingClientRect().height >= 43.9);
faulty('not in the window', touched, element => {
  const { left, right } = element.getBoundingClientRect();
  return left >= 0 && right <= width + 0.5;
});

// --- whether it can be read, in the colours of every city
const palettes = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
  .map(rule => rule.selectorText?.match(/^\.(palette-\d+)$/)?.[1]).filter(Boolean);
const texts = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode.parentElement);
const readers = [...new Set(texts)].filter(isSeen);
const own = root.className;
for (const palette of palettes.length ? palettes : [own]) {
  root.className = palette;
  for (const element of readers) {
    const style = getComputedStyle(element), behind = ground(element);
    if (!behind) { fault('text on a picture', element); continue; }
    const [red, green, blue, alpha] = colour(style.color);
    const opacity = ancestors(element).reduce((product, each) => product * getComputedStyle(each).opacity, alpha);
    const ratio = contrast(over([red, green, blue, opacity], behind), behind);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) fault('contrast', `${ratio.toFixed(2)} ${palette} ${element.outerHTML.slice(0, 120)}`);
  }
}
root.className = own;
return faults;
