// How colours meet on the screen, as WCAG 2.2 counts it. Stands before the other scripts of this folder.
const colour = text => {
  const parts = text.match(/^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/);
  if (!parts) throw new Error(`no colour that is known here: ${text}`);
  return [+parts[1], +parts[2], +parts[3], parts[4] === undefined ? 1 : +parts[4]];
};
const over = (top, under) => [0, 1, 2].map(part => top[part] * top[3] + under[part] * (1 - top[3])).concat(1);
const ancestors = element => element ? [element, ...ancestors(element.parentElement)] : [];

// what is seen behind the element's own text; null where that is a picture
const ground = element => {
  const layers = [];
  for (const each of ancestors(element)) {
    const style = getComputedStyle(each);
    if (style.backgroundImage !== 'none') return null;
    const layer = colour(style.backgroundColor);
    if (layer[3] > 0) layers.push(layer);
    if (layer[3] === 1) break;
  }
  return layers.reduceRight((under, top) => over(top, under), [255, 255, 255, 1]);
};
const luminance = ([red, green, blue]) => {
  const linear = part => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
};
const contrast = (one, other) => {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
};
