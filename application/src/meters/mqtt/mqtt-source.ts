import type { IPublishPacket, MqttClient } from 'mqtt';
import type { RegisterName } from '../register-reading';
import type { Notes, RunningSource, Sink } from '../sink';
import { connectTo, type Broker } from './broker';
import { discovered, discoveryTopics, stateReading, type DiscoveredSensor } from './discovery';
import type { Message } from './message';
import { sensorTopic, tasmotaReadings, type Heard, type TasmotaMeter } from './tasmota';

/** Whose totals are the meter's, among all that devices announce: by id, or by state topic. */
export interface DiscoveryMeter {
    readonly meterId: string;
    readonly prefix: string;
    readonly importSensor: string;
    readonly exportSensor?: string | undefined;
}

export interface SourceParts {
    readonly broker: Broker;
    readonly sink: Sink;
    readonly notes: Notes;
    /** Unix seconds; of a test its own. */
    readonly now?: () => number;
}

const SECONDS = (): number => Math.floor(Date.now() / 1000);
/** Devices announce themselves by the dozen; a broker that announces without end is not listened to for ever. */
const MOST_SENSORS = 1_000;
/** Two registers are read. Devices may move to other topics, but one that names ever new ones has made them up. */
const MOST_SUBSCRIPTIONS = 100;

type Handle = (message: Message) => Heard | undefined;

/** Readings out of `tele/<device>/SENSOR`. */
export function tasmotaSource(meter: TasmotaMeter, parts: SourceParts): RunningSource {
    return listen(parts, [sensorTopic(meter)], (message) => tasmotaReadings(meter, message));
}

/** Readings out of the states of sensors that devices announce for Home Assistant. */
export function discoverySource(meter: DiscoveryMeter, parts: SourceParts): RunningSource {
    const sensors = new Map<string, DiscoveredSensor>();
    const registers = new Map<string, RegisterName>([[meter.importSensor, 'import']]);
    if (meter.exportSensor !== undefined) {
        registers.set(meter.exportSensor, 'export');
    }
    const registerOf = ({ id, stateTopic }: DiscoveredSensor): RegisterName | undefined =>
        registers.get(id) ?? registers.get(stateTopic);
    const announced = (message: Message): Heard | undefined => {
        const found = discovered(message);
        if ('flaw' in found) {
            return { flaw: found.flaw };
        }
        if ('gone' in found) {
            sensors.delete(message.topic);
        } else if ('sensor' in found && (sensors.has(message.topic) || sensors.size < MOST_SENSORS)) {
            tellNew(found.sensor, sensors.get(message.topic));
            sensors.set(message.topic, found.sensor);
        }
        return undefined;
    };
    const tellNew = (sensor: DiscoveredSensor, before: DiscoveredSensor | undefined): void => {
        if (before?.id !== sensor.id || before.stateTopic !== sensor.stateTopic) {
            const register = registerOf(sensor);
            const use = register === undefined ? 'not used' : `the ${register} register`;
            parts.notes(`found ${sensor.id} (${sensor.name}, ${sensor.unit}, ${sensor.stateTopic}): ${use}`);
        }
        if (registerOf(sensor) !== undefined) {
            running.subscribe(sensor.stateTopic);
        }
    };
    const state = (message: Message): Heard | undefined => {
        const readings = [...sensors.values()].flatMap((sensor) => {
            const register = registerOf(sensor);
            return sensor.stateTopic === message.topic && register !== undefined
                ? [stateReading(sensor, { meterId: meter.meterId, register }, message)]
                : [];
        });
        const flaw = readings.find((each) => 'flaw' in each);
        return flaw ?? { readings: readings.flatMap((each) => ('readings' in each ? each.readings : [])) };
    };
    const isAnnouncement = (topic: string): boolean =>
        topic.startsWith(`${meter.prefix}/sensor/`) && topic.endsWith('/config');
    const running = listen(parts, discoveryTopics(meter.prefix), (message) =>
        isAnnouncement(message.topic) ? announced(message) : state(message),
    );
    return running;
}

interface Listening extends RunningSource {
    subscribe(topic: string): void;
}

/** A message is acknowledged once it is kept. One that could not be kept is told and given up: the next total includes it. */
function listen({ broker, sink, notes, now = SECONDS }: SourceParts, topics: string[], handle: Handle): Listening {
    const client = connectTo(broker);
    const wanted = new Set(topics);
    const subscribe = (topic: string): void => {
        client.subscribe(topic, { qos: 1 }, (error) => {
            if (error !== null) {
                notes(`the broker does not let us hear ${topic}: ${error.message}`);
            }
        });
    };
    client.on('connect', () => {
        notes(`connected to ${broker.url}`);
        wanted.forEach(subscribe);
    });
    client.on('close', () => {
        notes(`not connected to ${broker.url}`);
    });
    client.on('error', (error) => {
        notes(`${broker.url}: ${error.message}`);
    });
    client.handleMessage = (packet, done) => {
        try {
            keep(handle(messageOf(packet, now())), packet.topic, sink, notes);
        } catch (error) {
            notes(`${packet.topic} could not be kept: ${error instanceof Error ? error.message : String(error)}`);
        }
        done();
    };
    return {
        subscribe: (topic) => {
            if (!wanted.has(topic) && wanted.size < MOST_SUBSCRIPTIONS) {
                wanted.add(topic);
                subscribe(topic);
            }
        },
        stop: () => ended(client),
    };
}

function keep(heard: Heard | undefined, topic: string, sink: Sink, notes: Notes): void {
    if (heard !== undefined && 'flaw' in heard) {
        notes(`${topic} is not used: ${heard.flaw}`);
    } else if (heard !== undefined) {
        sink(heard.readings);
    }
}

const messageOf = ({ topic, payload, retain, dup }: IPublishPacket, arrivedAt: number): Message => ({
    topic,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    isRetained: retain,
    isRepeated: dup,
    arrivedAt,
});

export async function ended(client: MqttClient): Promise<void> {
    await client.endAsync(true);
}
