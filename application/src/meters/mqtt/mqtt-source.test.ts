import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Authority } from '@commonwatt/network/topology/identities/authority';
import { testBroker, type TestBroker } from '../../testing/mqtt-broker';
import { openMeterStore, type MeterStore } from '../meter-store';
import { storeSink, type RunningSource } from '../sink';
import { discoverySource, tasmotaSource, type SourceParts } from './mqtt-source';

const MIDNIGHT = Date.parse('2025-04-16T00:00:00+02:00') / 1000;
const SLOT = MIDNIGHT / 900;

let broker: TestBroker;
let store: MeterStore;
let now: number;
let notes: string[];
const heard = new EventEmitter();
const running: RunningSource[] = [];

const parts = (change: Partial<SourceParts> = {}): SourceParts => {
    const note = (text: string): void => {
        notes.push(text);
        heard.emit('anything');
    };
    const keep = storeSink(store, note);
    const sink = (readings: Parameters<typeof keep>[0]): void => {
        keep(readings);
        heard.emit('anything');
    };
    return { broker: broker.broker, sink, notes: note, now: () => now, ...change };
};
const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
        await once(heard, 'anything');
    }
};
const kept = (): string[] =>
    store
        .readings(0, Number.MAX_SAFE_INTEGER)
        .map(({ register, at, wh }) => `${register} ${at - MIDNIGHT} ${wh.toString()}`);

beforeEach(async () => {
    broker = await testBroker();
    store = openMeterStore(':memory:');
    [now, notes] = [MIDNIGHT, []];
});
afterEach(async () => {
    await Promise.all(running.splice(0).map((source) => source.stop()));
    await broker.close();
    store.close();
});

describe('a Tasmota meter', () => {
    const meter = { meterId: 'main', device: 'house', importField: 'ENERGY.Total', exportField: 'ENERGY.ExportActive' };
    const tells = (at: number, total: number, exported = 0): string =>
        JSON.stringify({
            Time: new Date(at * 1000).toISOString().replace(/\.000Z$/, '+00:00'),
            ENERGY: { Total: total, ExportActive: exported },
        });
    const start = async (change: Partial<SourceParts> = {}): Promise<void> => {
        running.push(tasmotaSource(meter, parts(change)));
        await broker.subscribed('tele/house/SENSOR');
    };

    it('fills a day that an agent can read', async () => {
        await start();
        for (let slot = 0; slot <= 96; slot += 1) {
            now = MIDNIGHT + slot * 900;
            await broker.publish('tele/house/SENSOR', tells(now, 100 + slot / 10, slot / 100));
            await until(() => kept().length === 2 * (slot + 1));
        }
        const day = store.registersOf('H1', { firstSlot: SLOT, slotCount: 96 });
        expect(day?.consumed[0]).toBe(100_000n);
        expect(day?.consumed[96]).toBe(109_600n);
        expect(day?.produced[96]).toBe(960n);
        expect(new Set(store.slotEnergies({ firstSlot: SLOT, slotCount: 96 }).map(({ netWh }) => netWh))).toEqual(
            new Set([-90n]),
        );
    });

    it('is kept once however often it tells the same, and once a minute where it tells more', async () => {
        await start();
        for (const [seconds, total] of [
            [0, 1],
            [0, 1],
            [20, 2],
            [59, 3],
            [60, 4],
        ] as const) {
            now = MIDNIGHT + seconds;
            await broker.publish('tele/house/SENSOR', tells(now, total));
        }
        await until(() => kept().includes('import 60 4000'));
        expect(kept()).toEqual(['export 0 0', 'import 0 1000', 'export 60 0', 'import 60 4000']);
    });

    it('counts in a retained message by its own time, and not at all without one', async () => {
        now = MIDNIGHT + 3600;
        await broker.publish('tele/house/SENSOR', tells(MIDNIGHT, 5), { retain: true });
        await start();
        await until(() => kept().length === 2);
        expect(kept()).toEqual(['export 0 0', 'import 0 5000']);
        const timeless = '{"Time":"2025-04-16T00:30:00","ENERGY":{"Total":6,"ExportActive":0}}';
        await broker.publish('tele/house/SENSOR', timeless, { retain: true });
        // Who is subscribed gets it as it is sent, which is now.
        await until(() => kept().includes('import 3600 6000'));
        await running.pop()?.stop();
        now = MIDNIGHT + 7200;
        await start();
        await until(() => notes.some((note) => note.includes('does not say since when')));
        expect(kept()).toHaveLength(4);
    });

    it('goes on after the broker was away, with a gap', async () => {
        await start();
        await broker.publish('tele/house/SENSOR', tells(now, 1));
        await until(() => kept().length === 2);
        broker.disconnect();
        await broker.subscribed('tele/house/SENSOR');
        now = MIDNIGHT + 2700;
        await broker.publish('tele/house/SENSOR', tells(now, 1.3));
        await until(() => kept().length === 4);
        expect(notes.filter((note) => note.startsWith('not connected'))).toHaveLength(1);
        const slots = store.slotEnergies({ firstSlot: SLOT, slotCount: 3 });
        expect(slots.map(({ kind, importWh }) => `${kind} ${importWh.toString()}`)).toEqual(Array(3).fill('gap 100'));
    });

    it('goes on after a reading that could not be kept', async () => {
        const { sink } = parts();
        let isFull = true;
        await start({
            sink: (readings) => {
                if (isFull) {
                    isFull = false;
                    throw new Error('the disk is full');
                }
                sink(readings);
            },
        });
        await broker.publish('tele/house/SENSOR', tells(now, 1));
        await until(() => notes.includes('tele/house/SENSOR could not be kept: the disk is full'));
        await broker.publish('tele/house/SENSOR', tells((now += 900), 2));
        await until(() => kept().length === 2);
    });

    it('is not harmed by what else is sent there', async () => {
        await start();
        const bad = ['Offline', '', '{"Time":1}', '[]', `"${'x'.repeat(20_000)}"`, '{"ENERGY":{"Total":[{}]}}'];
        for (const payload of bad) {
            await broker.publish('tele/house/SENSOR', payload);
        }
        await broker.publish('tele/house/SENSOR', tells(now, 1));
        await until(() => kept().length === 2);
        expect(notes.filter((note) => note.startsWith('tele/house/SENSOR is not used'))).toHaveLength(bad.length);
    });
});

describe('sensors announced for Home Assistant', () => {
    const meter = { meterId: 'main', prefix: 'homeassistant', importSensor: 'em_in', exportSensor: 'em_out' };
    const announce = (id: string, topic = `em/${id}`): Promise<void> =>
        broker.publish(
            `homeassistant/sensor/em/${id}/config`,
            JSON.stringify({
                unique_id: id,
                state_topic: topic,
                unit_of_measurement: 'kWh',
                device_class: 'energy',
                state_class: 'total_increasing',
            }),
            { retain: true },
        );

    it('are found, and the two that are named are read', async () => {
        await announce('em_in');
        await announce('kettle');
        await broker.publish('em/em_in', '4', { retain: true });
        running.push(discoverySource(meter, parts()));
        await broker.subscribed('em/em_in');
        await until(() => notes.includes('em/em_in is not used: the broker kept it, and nobody knows since when'));
        await announce('em_out');
        await broker.subscribed('em/em_out');
        await broker.publish('em/kettle', '9');
        await broker.publish('em/em_in', '5');
        await broker.publish('em/em_out', '1.5');
        await until(() => kept().length === 2);
        expect(kept()).toEqual(['export 0 1500', 'import 0 5000']);
        expect(notes).toContain('found kettle (kettle, kWh, em/kettle): not used');
        expect(notes).toContain('found em_in (em_in, kWh, em/em_in): the import register');
    });

    it('that name ever new topics are not followed for ever', async () => {
        const topics = new Set<string>();
        broker.aedes.on('subscribe', (added) => {
            added.forEach(({ topic }) => topics.add(topic));
        });
        running.push(discoverySource(meter, parts()));
        await announce('em_in', 'em/0');
        await broker.subscribed('em/0');
        for (let i = 1; i < 200; i += 1) {
            await announce('em_in', `em/${i}`);
        }
        await until(() => notes.some((note) => note.includes('em/199')));
        expect(topics.size).toBeLessThanOrEqual(100);
    });
});

describe('a broker that lets in nobody unknown', () => {
    const credentials = { username: 'H1', password: 'correct horse' };
    const meter = { meterId: 'main', device: 'house', importField: 'ENERGY.Total' };
    const message = '{"ENERGY":{"Total":1}}';

    it('is heard with name and password over TLS; the wrong password is told and appears nowhere', async () => {
        await broker.close();
        const authority = await Authority.create({ commonName: "the brokers' authority" });
        const server = await authority.issue({ commonName: 'broker', usage: 'tls', names: ['127.0.0.1'] });
        broker = await testBroker({ credentials, tls: { cert: server.certificatePem, key: server.privateKeyPem } });
        const ca = Buffer.from(authority.certificatePem);
        running.push(tasmotaSource(meter, parts({ broker: { ...broker.broker, ...credentials } })));
        await until(() => notes.some((note) => /self.signed|unable to verify|issuer/i.test(note)));
        await running.pop()?.stop();
        const wrong = { ...broker.broker, ca, username: 'H1', password: 'battery staple' };
        running.push(tasmotaSource(meter, parts({ broker: wrong })));
        await until(() => notes.some((note) => /not authorized|bad user/i.test(note)));
        await running.pop()?.stop();
        running.push(tasmotaSource(meter, parts({ broker: { ...broker.broker, ca, ...credentials } })));
        await broker.subscribed('tele/house/SENSOR');
        await broker.publish('tele/house/SENSOR', message);
        await until(() => kept().length === 1);
        expect(notes.join('\n')).not.toMatch(/correct horse|battery staple/);
    });
});
