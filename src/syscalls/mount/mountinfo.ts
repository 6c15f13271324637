/** A line of /proc/self/mountinfo: proc_pid_mountinfo(5). */
export interface MountinfoEntry {
  id: number;
  parent: number;
  /** The path in the file system that is the mount's root. */
  root: string;
  mountpoint: string;
  /** The mount's options: `['rw', 'nosuid']`. */
  options: string[];
  /** The optional fields: `['shared:1', 'master:2']`. */
  optional: string[];
  type: string;
  source: string;
  /** The file system's options. */
  superOptions: string[];
}

/** Reads the text of a mountinfo file. */
export function parseMountinfo(text: string): MountinfoEntry[] {
  return text.split('\n').filter(Boolean).map(parseMountinfoLine);
}

/** Reads one line of a mountinfo file. */
export function parseMountinfoLine(line: string): MountinfoEntry {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', 6);
  const [type = '', source = '', superOptions = ''] = fields.slice(separator + 1);
  return {
    id: Number(fields[0]),
    parent: Number(fields[1]),
    root: unescapeOctal(fields[3]!),
    mountpoint: unescapeOctal(fields[4]!),
    options: fields[5]!.split(','),
    optional: fields.slice(6, separator),
    type,
    source: unescapeOctal(source),
    superOptions: superOptions.split(','),
  };
}

// Spaces, tabs, newlines and backslashes are written \040 and so on.
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
