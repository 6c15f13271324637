import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ResctrlRecord } from '../../state/record.ts';

/**
 * resctrl's counts for a container, as `runc events` prints them (types/events.go). Counts that the
 * hardware lacks are absent. Documentation/filesystems/resctrl.rst.
 */
interface ResctrlStats {
  l3_cache_info?: { cbm_mask: string; min_cbm_bits: number; num_closids: number };
  /** The root group's line. */
  l3_cache_schema_root?: string;
  /** The line of the container's class of service. */
  l3_cache_schema?: string;
  mem_bw_info?: {
    bandwidth_gran: number;
    delay_linear: number;
    min_bandwidth: number;
    num_closids: number;
  };
  mem_bw_schema_root?: string;
  mem_bw_schema?: string;
  /** All lines of the container's class of service. */
  schemata?: string[];
  /** One entry for each domain, from the container's monitoring group if it has one. */
  mbm_stats?: { mbm_total_bytes: number; mbm_local_bytes: number }[];
  /** Bytes of cache in use. */
  cmt_stats?: { llc_occupancy: number }[];
}

/** Empty for a container without linux.intelRdt. */
export function readResctrlStats(record: ResctrlRecord | undefined): ResctrlStats {
  if (!record) return {};
  const root = dirname(record.group);
  const info = join(root, 'info');
  const schemata = schemataOf(record.group);
  const ofRoot = schemataOf(root);
  return {
    ...(existsSync(join(info, 'L3')) && {
      l3_cache_info: {
        cbm_mask: text(join(info, 'L3/cbm_mask')),
        ...numbers(join(info, 'L3'), ['min_cbm_bits', 'num_closids']),
      },
      ...line('l3_cache_schema_root', ofRoot, 'L3'),
      ...line('l3_cache_schema', schemata, 'L3'),
    }),
    ...(existsSync(join(info, 'MB')) && {
      mem_bw_info: numbers(join(info, 'MB'), [
        ...(['bandwidth_gran', 'delay_linear', 'min_bandwidth', 'num_closids'] as const),
      ]),
      ...line('mem_bw_schema_root', ofRoot, 'MB'),
      ...line('mem_bw_schema', schemata, 'MB'),
    }),
    schemata,
    ...monitored(record, join(info, 'L3_MON/mon_features')),
  };
}

const text = (file: string): string => readFileSync(file, 'utf8').trim();

const schemataOf = (group: string): string[] => text(join(group, 'schemata')).split('\n');

function numbers<K extends string>(directory: string, names: readonly K[]): Record<K, number> {
  const entries = names.map((name) => [name, Number(text(join(directory, name)))]);
  return Object.fromEntries(entries) as Record<K, number>;
}

function line<K extends string>(
  key: K,
  schemata: readonly string[],
  resource: string,
): Partial<Record<K, string>> {
  const found = schemata.find((schema) => schema.includes(resource))?.trim();
  return (found ? { [key]: found } : {}) as Partial<Record<K, string>>;
}

function monitored({ group, monitoring }: ResctrlRecord, features: string): ResctrlStats {
  if (!existsSync(features)) return {};
  const known = text(features).split('\n');
  const data = join(monitoring ?? group, 'mon_data');
  const domains = readdirSync(data).map((domain) => join(data, domain));
  const count = (domain: string, name: string): number =>
    known.includes(name) ? Number(text(join(domain, name))) : 0;
  const stats: ResctrlStats = {};
  if (known.some((name) => name.startsWith('mbm_'))) {
    stats.mbm_stats = domains.map((domain) => ({
      mbm_total_bytes: count(domain, 'mbm_total_bytes'),
      mbm_local_bytes: count(domain, 'mbm_local_bytes'),
    }));
  }
  if (known.includes('llc_occupancy')) {
    stats.cmt_stats = domains.map((domain) => ({ llc_occupancy: count(domain, 'llc_occupancy') }));
  }
  return stats;
}
