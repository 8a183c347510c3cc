/** Steps of a tenth of a CSS pixel: less is not seen on any slide. */
const STEPS = 10;

/** Coordinates that a command takes; pairs of x and y but for H and V. */
const COORDINATES: Readonly<Record<string, number>> = {
  M: 2,
  L: 2,
  H: 1,
  V: 1,
  C: 6,
  S: 4,
  Q: 4,
  T: 2,
  Z: 0,
};

const KNOWN = /^[\sMLHVCSQTZ\d.,eE+-]*$/;

/**
 * Writes a path of absolute commands in fewer characters: relative, rounded to a tenth (rounding does not add up, as each step
 * starts where the one before ended), without separators that are not needed. What it does not know, such as arcs or commands
 * that are relative already, it gives back as it is.
 *
 * @param path the `d` of an SVG path
 */
export function shortPath(path: string): string {
  if (!KNOWN.test(path)) return path;
  let [x, y, startX, startY, nextX, nextY] = [0, 0, 0, 0, 0, 0];
  let [out, command, size, place, isFirst] = ['', '', 0, 0, true];
  for (let at = 0; at < path.length;) {
    const code = path.charCodeAt(at);
    if (code >= UPPER_A && code !== LOWER_E) {
      command = path.charAt(at++);
      size = COORDINATES[command] ?? 0;
      out += command.toLowerCase();
      [place, isFirst] = [0, true];
      if (command === 'Z') [x, y] = [startX, startY];
      continue;
    }
    if (code <= SPACE || code === COMMA) {
      at++;
      continue;
    }
    const end = endOfNumber(path, at);
    const value = Math.round(Number(path.slice(at, end)) * STEPS);
    at = end;
    const isVertical = command === 'V' || (size > 1 && place % 2 === 1);
    const number = tenths(value - (isVertical ? y : x));
    out += isFirst || number.charCodeAt(0) === MINUS ? number : ` ${number}`;
    isFirst = false;
    if (isVertical) nextY = value;
    else nextX = value;
    if (++place < size) continue;
    // what a command does not name stays
    if (command !== 'V') x = nextX;
    if (command !== 'H') y = nextY;
    if (command === 'M') [startX, startY] = [x, y];
    place = 0;
  }
  return out;
}

const [SPACE, COMMA, MINUS, POINT, UPPER_A, LOWER_E] = [32, 44, 45, 46, 65, 101];

/** Where the number that begins here ends: the next sign, second point, or anything that is no part of it. */
function endOfNumber(path: string, from: number): number {
  let hasPoint = false;
  for (let at = from; at < path.length; at++) {
    const code = path.charCodeAt(at);
    const isExponent = code === LOWER_E || code === 69;
    if (code >= 48 && code <= 57) continue;
    if (code === POINT && !hasPoint) hasPoint = true;
    else if (isExponent) at++;
    else if (at > from || (code !== MINUS && code !== 43)) return Math.max(at, from + 1);
  }
  return path.length;
}

function tenths(value: number): string {
  const size = Math.abs(value);
  const rest = size % STEPS;
  const whole = (size - rest) / STEPS;
  const text = rest === 0 ? String(whole) : `${whole === 0 ? '' : String(whole)}.${String(rest)}`;
  return value < 0 ? `-${text}` : text;
}
