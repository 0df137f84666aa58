import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connectAsync, type MqttClient } from 'mqtt';
import { testBroker, type TestBroker } from '../../testing/mqtt-broker';
import { homeAssistantOut, type HomeAssistantOut } from './home-assistant-out';

const FIGURES = { priceNow: '0.2283', priceNext: null, costToday: '-0.0412' };
let broker: TestBroker;
let out: HomeAssistantOut;
let watcher: MqttClient;
const heard = new EventEmitter();
const seen = new Map<string, string>();
const retained = new Set<string>();

const until = async (topic: string, text: string): Promise<void> => {
    while (seen.get(topic) !== text) {
        await once(heard, 'message');
    }
};
const look = async (): Promise<void> => {
    watcher = await connectAsync(broker.broker.url);
    watcher.on('message', (topic, payload, { retain }) => {
        seen.set(topic, payload.toString());
        if (retain) {
            retained.add(topic);
        }
        heard.emit('message');
    });
    await watcher.subscribeAsync('#', { qos: 1 });
};

beforeEach(async () => {
    broker = await testBroker();
    seen.clear();
    retained.clear();
    out = homeAssistantOut({
        home: 'H1',
        currency: 'EUR',
        broker: broker.broker,
        prefix: 'homeassistant',
        notes: () => undefined,
    });
});
afterEach(async () => {
    await out.stop();
    await watcher.endAsync(true);
    await broker.close();
});

describe("a household's sensors", () => {
    it('are announced and shown, also to who comes later', async () => {
        await look();
        out.publish(FIGURES);
        await until('commonwatt/H1/availability', 'online');
        await until('commonwatt/H1/state', '{"price_now":"0.2283","price_next":null,"cost_today":"-0.0412"}');
        await watcher.endAsync(true);
        seen.clear();
        await look();
        await until('commonwatt/H1/state', '{"price_now":"0.2283","price_next":null,"cost_today":"-0.0412"}');
        await until('commonwatt/H1/availability', 'online');
        const config = 'homeassistant/sensor/commonwatt_H1/price_now/config';
        while (seen.size < 5) {
            await once(heard, 'message');
        }
        expect(retained).toContain(config);
        expect(JSON.parse(seen.get(config) ?? '')).toEqual({
            name: 'Price now',
            unit_of_measurement: 'EUR/kWh',
            state_class: 'measurement',
            unique_id: 'commonwatt_H1_price_now',
            state_topic: 'commonwatt/H1/state',
            value_template: '{{ value_json.price_now }}',
            availability_topic: 'commonwatt/H1/availability',
            payload_available: 'online',
            payload_not_available: 'offline',
            device: { identifiers: ['commonwatt_H1'], name: 'Commonwatt H1', manufacturer: 'Commonwatt' },
        });
        expect([...seen.keys()].filter((topic) => topic.endsWith('/config')).sort()).toEqual([
            'homeassistant/sensor/commonwatt_H1/cost_today/config',
            'homeassistant/sensor/commonwatt_H1/price_next/config',
            config,
        ]);
    });

    it('are not available once the program has ended, or its connection has broken', async () => {
        await look();
        await until('commonwatt/H1/availability', 'online');
        await out.stop();
        await until('commonwatt/H1/availability', 'offline');
    });

    it('come back with what they showed after the broker was away', async () => {
        await look();
        out.publish(FIGURES);
        const state = '{"price_now":"0.2283","price_next":null,"cost_today":"-0.0412"}';
        await until('commonwatt/H1/state', state);
        await watcher.endAsync(true);
        const isBack = new Promise((resolve) => {
            broker.aedes.on('publish', ({ topic, payload }) => {
                if (topic === 'commonwatt/H1/availability' && payload.toString() === 'online') {
                    resolve(undefined);
                }
            });
        });
        broker.disconnect();
        await isBack;
        seen.clear();
        await look();
        await until('commonwatt/H1/availability', 'online');
        await until('commonwatt/H1/state', state);
    });
});
