const euros = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

export function price(cents) {
  return euros.format(cents / 100);
}

export function ago(isoTime, now = Date.now()) {
  const seconds = Math.max(0, Math.round((now - Date.parse(isoTime)) / 1000));
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? [];
  return unit ? relative.format(-Math.floor(seconds / size), unit) : 'just now';
}

/** The two largest units: "6 d 4 h", "1 h 5 min", "29 min 58 s", "41 s". */
export function duration(seconds) {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = Math.max(
    0,
    parts.findIndex(([count]) => count > 0),
  );
  if (seconds === 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

export function othersSignedOut(count) {
  if (count === 0) return 'No other device was signed in.';
  return count === 1 ? 'One other device is signed out.' : `${count} other devices are signed out.`;
}

/** "1 cart", "1,200 carts". */
export function many(count, noun) {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
