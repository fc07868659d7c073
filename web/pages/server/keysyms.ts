// Text as key presses. Keysyms after X11 keysymdef.h: Latin-1 is itself, the rest is 0x01000000 + code point.
const shift_left = 0xffe1;
const named: Readonly<Record<string, number>> = { "\n": 0xff0d, "\t": 0xff09, "\b": 0xff08, "\u001b": 0xff1b };
// On a US keyboard, which is what QEMU gives a guest; it takes keys, not characters, so Shift must really be held.
const shifted = /[A-Z~!@#$%^&*()_+{}|:"<>?]/;

function keysym(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  return named[char] ?? (code < 0x100 ? code : 0x01000000 + code);
}

export function type_text(text: string, press: (keysym: number, down: boolean) => void): void {
  for (const char of text.replace(/\r\n?/g, "\n")) {
    const shift = shifted.test(char);
    if (shift) press(shift_left, true);
    press(keysym(char), true);
    press(keysym(char), false);
    if (shift) press(shift_left, false);
  }
}
