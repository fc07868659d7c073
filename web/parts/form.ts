// A form's values, its errors at their fields, and the one submit that may be under way.
import { signal } from "@preact/signals";
import { as_problem, type Problem } from "../api/problem";
import { field_text } from "../i18n/problem-text";

// A complaint that appears while a button is being pressed would move the button away from under the pointer, and the press
// would be lost: what is to appear waits until the pointer is up and its click has been heard.
let pressed = false;
function after_press(show: () => void): void {
  if (pressed) addEventListener("pointerup", () => setTimeout(show), { once: true });
  else show();
}
if (typeof document !== "undefined") {
  addEventListener("pointerdown", () => (pressed = true), true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => (pressed = false), true);
}

type Values<F extends string> = Readonly<Record<F, string>>;
type Errors<F extends string> = Partial<Record<F, string>>;
let forms = 0;

export class Form<F extends string> {
  readonly values;
  readonly errors = signal<Errors<F>>({});
  readonly problem = signal<Problem | undefined>(undefined);
  readonly busy = signal(false);
  private readonly prefix = `form${++forms}`;
  private readonly touched = new Set<F>();

  constructor(
    initial: Values<F>,
    private readonly check: (values: Values<F>) => Errors<F> = () => ({}),
    // Which field the server means: "/name" is the field "name", unless the request is built in another way than the form.
    private readonly field_at: (pointer: string) => string = (pointer) => pointer.split("/")[1] ?? "",
  ) {
    this.values = signal(initial);
  }

  id(name: F): string {
    return `${this.prefix}-${name}`;
  }

  value(name: F): string {
    return this.values.value[name];
  }

  set(name: F, value: string): void {
    this.values.value = { ...this.values.value, [name]: value };
    // A complaint goes as soon as it no longer holds, and comes only when the field is left.
    if (this.errors.peek()[name]) this.show(name);
  }

  // Other values altogether: what was said about the old ones goes.
  reset(values: Values<F>): void {
    this.values.value = values;
    this.errors.value = {};
    this.problem.value = undefined;
    this.touched.clear();
  }

  leave(name: F): void {
    if (this.value(name) !== "") this.touched.add(name);
    if (this.touched.has(name)) after_press(() => this.show(name));
  }

  private show(name: F): void {
    const { [name]: _, ...others } = this.errors.peek();
    const error = this.check(this.values.peek())[name];
    this.errors.value = (error ? { ...others, [name]: error } : others) as Errors<F>;
  }

  // Takes over what the server says of single fields; whatever belongs to no field stays with the form.
  take(problem: Problem): void {
    const errors: Errors<F> = {};
    let homeless = problem.fields.length === 0;
    for (const field of problem.fields) {
      const name = this.field_at(field.pointer) as F;
      if (name in this.values.peek()) errors[name] ??= field_text(field);
      else homeless = true;
    }
    this.errors.value = { ...this.errors.peek(), ...errors };
    this.problem.value = homeless ? problem : undefined;
  }

  // True when `act` ran without a problem. Focus goes to the first field that has one.
  async submit(act: (values: Values<F>) => Promise<unknown>): Promise<boolean> {
    if (this.busy.peek()) return false;
    this.problem.value = undefined;
    this.errors.value = this.check(this.values.peek());
    if (this.focus_error()) return false;
    this.busy.value = true;
    try {
      await act(this.values.peek());
      return true;
    } catch (error) {
      this.take(as_problem(error));
      this.focus_error();
      return false;
    } finally {
      this.busy.value = false;
    }
  }

  private focus_error(): boolean {
    const names = Object.keys(this.errors.peek()) as F[];
    if (names.length === 0) return false;
    queueMicrotask(() => {
      const first = [...document.querySelectorAll<HTMLElement>(names.map((name) => `#${this.id(name)}`).join())][0];
      first?.focus();
    });
    return true;
  }
}
