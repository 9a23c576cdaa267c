// Where the keyboard is: which of the things it should reach, in the order of the page, and whether that can be seen.
const reachable = [...document.querySelectorAll('a[href], button, input:not([type="hidden"]), select, textarea, summary')]
  .filter(element => element.tabIndex >= 0 && element.checkVisibility({ contentVisibilityAuto: true }));
const element = document.activeElement;
const style = getComputedStyle(element);
const box = element.getBoundingClientRect();
// the outline is drawn around the element, so on what lies behind its parent
const behind = element.parentElement && ground(element.parentElement);
return {
  count: reachable.length,
  place: reachable.indexOf(element),
  what: element.outerHTML.slice(0, 120),
  hasOutline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  contrast: behind ? contrast(colour(style.outlineColor), behind) : 0,
  inWindow: box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0,
  href: element.href ?? null,
};
