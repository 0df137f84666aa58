import { z } from 'zod';
import { isEnergyUnit, registerWh, type EnergyUnit } from '../energy-quantity';
import type { RegisterName } from '../register-reading';
import { jsonOf, valueAt, MOST_BYTES, type Message } from './message';
import type { Heard } from './tasmota';

/** An energy total that a device has announced the way Home Assistant finds its sensors. */
export interface DiscoveredSensor {
    /** `unique_id`, or the topic's own name for it where it has none. */
    readonly id: string;
    readonly name: string;
    readonly stateTopic: string;
    readonly unit: EnergyUnit;
    /** Where in the state the total stands; nothing where the state is the total. */
    readonly path: readonly string[];
}

export type Discovered =
    | { readonly sensor: DiscoveredSensor }
    /** A sensor of something else: no concern of ours. */
    | { readonly other: true }
    | { readonly gone: string }
    | { readonly flaw: string };

/** `<prefix>/sensor/[<node>/]<object>/config`: both forms that Home Assistant knows. */
export const discoveryTopics = (prefix: string): string[] => [
    `${prefix}/sensor/+/config`,
    `${prefix}/sensor/+/+/config`,
];

/** The long names of Home Assistant's abbreviations, as far as a total needs them. */
const LONG: Readonly<Record<string, string>> = {
    stat_t: 'state_topic',
    unit_of_meas: 'unit_of_measurement',
    stat_cla: 'state_class',
    dev_cla: 'device_class',
    val_tpl: 'value_template',
    uniq_id: 'unique_id',
};
const MOST_TEXT = 256;
const text = z.string().max(MOST_TEXT);
const sensorConfig = z.object({
    state_topic: text.min(1),
    unit_of_measurement: text.optional(),
    state_class: text.optional(),
    value_template: text.optional(),
    unique_id: text.optional(),
    name: text.nullish(),
});

/** What a message on a discovery topic announces. An empty one takes back what was announced before. */
export function discovered(message: Message): Discovered {
    const own = message.topic.split('/').slice(2, -1).join('/');
    if (message.payload.length === 0) {
        return { gone: own };
    }
    const found = jsonOf(message);
    if ('flaw' in found) {
        return found;
    }
    const config = sensorConfig.safeParse(longNames(found.json));
    return config.success ? announced(config.data, own) : { flaw: 'it announces no sensor with a state topic' };
}

function announced(config: z.infer<typeof sensorConfig>, own: string): Discovered {
    const { unit_of_measurement: unit, state_class: kind, value_template: template, state_topic: stateTopic } = config;
    if (kind !== 'total_increasing' || !isEnergyUnit(unit)) {
        return { other: true };
    }
    const path = pathOf(template);
    if (path === undefined) {
        return { flaw: `its value_template ${template ?? ''} is more than a name within the state` };
    }
    if (/[#+]/.test(stateTopic)) {
        return { flaw: 'its state topic is a pattern' };
    }
    const id = config.unique_id ?? own;
    return { sensor: { id, name: config.name ?? id, stateTopic, unit, path } };
}

/** Abbreviations written out, and `~` replaced by what it stands for. */
function longNames(json: unknown): unknown {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
        return json;
    }
    const entries = Object.entries(json).map(([name, value]): [string, unknown] => [LONG[name] ?? name, value]);
    const config = new Map(entries);
    const [base, topic] = [config.get('~'), config.get('state_topic')];
    if (typeof base === 'string' && typeof topic === 'string') {
        config.set('state_topic', topic.replace(/^~|~$/, base));
    }
    return Object.fromEntries(config);
}

/**
 * Home Assistant's templates are programs. Devices that show a total use them to pick it out of the state: `{{ value_json.ENERGY.Total }}`,
 * `{{ value_json['energy']['total'] | float }}`. These are read, nothing is run. Undefined for any other.
 */
function pathOf(template: string | undefined): string[] | undefined {
    const match =
        /^\{\{\s*value(?:_json((?:\.\w+|\[\s*'[^'\]]+'\s*\]|\[\s*"[^"\]]+"\s*\])+))?\s*(?:\|\s*float(?:\(0\))?\s*)?\}\}$/.exec(
            template ?? '{{ value }}',
        );
    if (match === null) {
        return undefined;
    }
    const steps = (match[1] ?? '').matchAll(/\.(\w+)|\[\s*'([^']+)'\s*\]|\[\s*"([^"]+)"\s*\]/g);
    return [...steps].map(([, one, two, three]) => one ?? two ?? three ?? '');
}

/** A total out of a sensor's state. It has no time of its own: what the broker kept or sent before is no reading. */
export function stateReading(
    { stateTopic, unit, path }: DiscoveredSensor,
    { meterId, register }: { readonly meterId: string; readonly register: RegisterName },
    message: Message,
): Heard {
    if (message.isRetained || message.isRepeated) {
        return { flaw: 'the broker kept it, and nobody knows since when' };
    }
    const value = path.length === 0 ? plainText(message) : valueIn(message, path);
    const wh = typeof value === 'string' || typeof value === 'number' ? registerWh(value, unit) : undefined;
    return wh === undefined
        ? { flaw: `it has no total in ${unit}` }
        : { readings: [{ meterId, register, at: message.arrivedAt, wh, source: `mqtt ${stateTopic}` }] };
}

const plainText = ({ payload }: Message): string =>
    payload.length > MOST_BYTES ? '' : Buffer.from(payload).toString('latin1');

function valueIn(message: Message, path: readonly string[]): unknown {
    const found = jsonOf(message);
    return 'flaw' in found ? undefined : valueAt(found.json, path);
}
