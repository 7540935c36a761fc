/** The element nearest to `from` in an arrow's direction, by what is on screen. */
export function towards<E extends Element>(arrow: string, from: E, others: E[]): E | undefined {
  const start = middle(from);
  const along = (x: number, y: number) => ({ ArrowRight: x, ArrowLeft: -x, ArrowDown: y, ArrowUp: -y })[arrow] ?? -1;
  const across = (x: number, y: number) => Math.abs(arrow === 'ArrowLeft' || arrow === 'ArrowRight' ? y : x);
  let best: E | undefined;
  let least = Infinity;
  for (const other of others) {
    const [x, y] = [middle(other).x - start.x, middle(other).y - start.y];
    // What lies ahead, straight before sideways.
    const distance = along(x, y) + 4 * across(x, y);
    if (along(x, y) > 2 && distance < least) [best, least] = [other, distance];
  }
  return best;
}

function middle(element: Element) {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
