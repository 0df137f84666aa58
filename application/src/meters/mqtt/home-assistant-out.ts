import type { MqttClient } from 'mqtt';
import type { Notes } from '../sink';
import { connectTo, type Broker } from './broker';

/** What a home's displays and automations go by. Decimal numbers as text, null where nobody knows. */
export interface HouseholdFigures {
    /** What a kWh costs in the slot that runs, all-in: from neighbours with its fees where they trade, else the supplier's. */
    readonly priceNow: string | null;
    /** The same of the next slot. */
    readonly priceNext: string | null;
    /** Paid less earned since midnight, energy alone. */
    readonly costToday: string | null;
}

export interface OutParts {
    readonly home: string;
    readonly currency: string;
    readonly broker: Broker;
    /** Where Home Assistant looks for sensors. */
    readonly prefix: string;
    readonly notes: Notes;
}

export interface HomeAssistantOut {
    /** Shown from now on, also to who connects later, and again after each connection that broke. */
    publish(figures: HouseholdFigures): void;
    /** Says that nobody answers for the figures any more. */
    stop(): Promise<void>;
}

const ONLINE = 'online';
const OFFLINE = 'offline';
/** Kept by the broker for whoever comes later. */
const KEPT = { qos: 1, retain: true } as const;
const STOP_MS = 2_000;

/** Sensors of a household for Home Assistant: price now, next price, today's cost. */
export function homeAssistantOut(parts: OutParts): HomeAssistantOut {
    const { home, broker, notes } = parts;
    const topics = topicsOf(home);
    const will = { topic: topics.availability, payload: Buffer.from(OFFLINE), ...KEPT };
    const client = connectTo(broker, { will });
    let newest: HouseholdFigures | undefined;
    const put = (topic: string, payload: string): void => {
        client.publish(topic, payload, KEPT, (error) => {
            if (error) {
                notes(`${topic} could not be published: ${error.message}`);
            }
        });
    };
    const putFigures = (): void => {
        if (newest !== undefined && client.connected) {
            put(topics.state, stateOf(newest));
        }
    };
    client.on('connect', () => {
        notes(`connected to ${broker.url}`);
        configurations(parts).forEach(([topic, config]) => {
            put(topic, config);
        });
        put(topics.availability, ONLINE);
        putFigures();
    });
    client.on('close', () => {
        notes(`not connected to ${broker.url}`);
    });
    client.on('error', (error) => {
        notes(`${broker.url}: ${error.message}`);
    });
    return {
        publish: (figures) => {
            newest = figures;
            putFigures();
        },
        stop: () => stopped(client, topics.availability),
    };
}

interface Topics {
    readonly node: string;
    readonly state: string;
    readonly availability: string;
}

function topicsOf(home: string): Topics {
    const name = home.replaceAll(/[^A-Za-z0-9_-]/g, '_');
    return {
        node: `commonwatt_${name}`,
        state: `commonwatt/${name}/state`,
        availability: `commonwatt/${name}/availability`,
    };
}

const stateOf = ({ priceNow, priceNext, costToday }: HouseholdFigures): string =>
    JSON.stringify({ price_now: priceNow, price_next: priceNext, cost_today: costToday });

/** One message for each sensor, as Home Assistant's MQTT discovery reads them. */
function configurations({ home, currency, prefix }: OutParts): [string, string][] {
    const { node, state, availability } = topicsOf(home);
    const perKwh = { unit_of_measurement: `${currency}/kWh`, state_class: 'measurement' };
    const sensors = [
        { id: 'price_now', name: 'Price now', ...perKwh },
        { id: 'price_next', name: 'Next price', ...perKwh },
        { id: 'cost_today', name: "Today's cost", unit_of_measurement: currency, device_class: 'monetary' },
    ];
    return sensors.map(({ id, ...sensor }) => [
        `${prefix}/sensor/${node}/${id}/config`,
        JSON.stringify({
            ...sensor,
            unique_id: `${node}_${id}`,
            state_topic: state,
            value_template: `{{ value_json.${id} }}`,
            availability_topic: availability,
            payload_available: ONLINE,
            payload_not_available: OFFLINE,
            device: { identifiers: [node], name: `Commonwatt ${home}`, manufacturer: 'Commonwatt' },
        }),
    ]);
}

async function stopped(client: MqttClient, availability: string): Promise<void> {
    if (client.connected) {
        const said = client.publishAsync(availability, OFFLINE, KEPT).catch(() => undefined);
        // A broker that hangs is told by its own means: the last will.
        await Promise.race([said, new Promise((resolve) => setTimeout(resolve, STOP_MS).unref())]);
    }
    await client.endAsync(true);
}
