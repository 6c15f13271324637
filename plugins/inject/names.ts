const NAME = '[A-Za-z](?:[\\w.-]*[A-Za-z0-9])?';
const DEVICE = '[A-Za-z0-9](?:[\\w.:-]*[A-Za-z0-9])?';

export const KIND = new RegExp(`^${NAME}/${NAME}$`);
export const DEVICE_NAME = new RegExp(`^${DEVICE}$`);
const QUALIFIED = new RegExp(`^(${NAME}/${NAME})=(${DEVICE})$`);

/** Parses `vendor.com/class=name`. `where` names its source in errors. */
export function checkQualifiedName(name: unknown, where: string): string {
  if (typeof name === 'string' && QUALIFIED.test(name)) return name;
  throw new Error(`${where}: expected vendor/class=name, found ${JSON.stringify(name)}`);
}
