import { describe, expect, it } from '@jest/globals';
import { discovered, stateReading, type DiscoveredSensor } from './discovery';
import type { Message } from './message';

const NOW = 1_744_797_600;
const message = (topic: string, payload: unknown, change: Partial<Message> = {}): Message => ({
    topic,
    payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    isRetained: false,
    isRepeated: false,
    arrivedAt: NOW,
    ...change,
});
const config = (change: object = {}): object => ({
    name: 'Energy in',
    unique_id: 'meter_in',
    state_topic: 'meter/state',
    unit_of_measurement: 'kWh',
    device_class: 'energy',
    state_class: 'total_increasing',
    value_template: '{{ value_json.total.in }}',
    ...change,
});
const announced = (payload: unknown) => discovered(message('homeassistant/sensor/node/energy/config', payload));

describe('an announced sensor', () => {
    it.each([
        { what: 'a template with dots', value_template: '{{ value_json.total.in }}', path: ['total', 'in'] },
        {
            what: 'a template with brackets',
            value_template: "{{value_json['total']['in'] | float}}",
            path: ['total', 'in'],
        },
        {
            what: 'a name with spaces',
            value_template: '{{ value_json["to tal"].in|float(0) }}',
            path: ['to tal', 'in'],
        },
        { what: 'a plain state', value_template: '{{ value }}', path: [] },
        { what: 'no template', value_template: undefined, path: [] },
    ])('tells where its total stands: $what', ({ value_template, path }) => {
        expect(announced(config({ value_template }))).toEqual({
            sensor: { id: 'meter_in', name: 'Energy in', stateTopic: 'meter/state', unit: 'kWh', path },
        });
    });

    it('may use the abbreviations', () => {
        const short = { '~': 'shellies/em', stat_t: '~/total', unit_of_meas: 'Wh', stat_cla: 'total_increasing' };
        expect(announced(short)).toEqual({
            sensor: { id: 'node/energy', name: 'node/energy', stateTopic: 'shellies/em/total', unit: 'Wh', path: [] },
        });
    });

    it.each([
        { what: 'power', change: { unit_of_measurement: 'W', state_class: 'measurement' } },
        { what: 'energy that may fall', change: { state_class: 'total' } },
        { what: 'gas', change: { unit_of_measurement: 'm³' } },
    ])('is no concern of ours if it shows $what', ({ change }) => {
        expect(announced(config(change))).toEqual({ other: true });
    });

    it.each([
        { what: 'no JSON', payload: 'on', flaw: 'it is no JSON' },
        { what: 'a list', payload: [config()], flaw: 'it announces no sensor with a state topic' },
        { what: 'no topic', payload: config({ state_topic: '' }), flaw: 'it announces no sensor with a state topic' },
        { what: 'a topic for all', payload: config({ state_topic: '#' }), flaw: 'its state topic is a pattern' },
        {
            what: 'a program',
            payload: config({ value_template: '{{ (value_json.a|float) * 1000 }}' }),
            flaw: 'its value_template {{ (value_json.a|float) * 1000 }} is more than a name within the state',
        },
        { what: 'too much', payload: config({ name: 'x'.repeat(20_000) }), flaw: '20192 bytes are more than 16384' },
        { what: 'a deep nest', payload: '['.repeat(5_000) + ']'.repeat(5_000), flaw: 'it is nested more than 8 deep' },
    ])('is not used if it is $what', ({ payload, flaw }) => {
        expect(announced(payload)).toEqual({ flaw });
    });

    it('is taken back by an empty message', () => {
        expect(announced('')).toEqual({ gone: 'node/energy' });
    });
});

describe('the state of a sensor', () => {
    const sensor = (path: string[], unit: DiscoveredSensor['unit'] = 'kWh'): DiscoveredSensor => ({
        id: 'meter_in',
        name: 'Energy in',
        stateTopic: 'meter/state',
        unit,
        path,
    });
    const heard = (of: DiscoveredSensor, payload: unknown, change: Partial<Message> = {}) =>
        stateReading(of, { meterId: 'main', register: 'import' }, message('meter/state', payload, change));

    it.each([
        { of: sensor([]), payload: '1234.5678', wh: 1_234_567n },
        { of: sensor([], 'Wh'), payload: '1234.5678', wh: 1_234n },
        { of: sensor([], 'MWh'), payload: '0.1', wh: 100_000n },
        { of: sensor(['total', 'in']), payload: { total: { in: 12.3456 } }, wh: 12_345n },
        { of: sensor(['total', 'in']), payload: { total: { in: '7' } }, wh: 7_000n },
    ])('is $wh Wh for $payload in $of.unit', ({ of, payload, wh }) => {
        expect(heard(of, payload)).toEqual({
            readings: [{ meterId: 'main', register: 'import', at: NOW, wh, source: 'mqtt meter/state' }],
        });
    });

    it.each(['unavailable', '-1', '1e3', '', 'NaN', '0x10', '1.2.3'])('is no total where it is %j', (payload) => {
        expect(heard(sensor([]), payload)).toEqual({ flaw: 'it has no total in kWh' });
    });

    it.each<{ payload: unknown }>([
        { payload: { total: {} } },
        { payload: { total: { in: null } } },
        { payload: { total: [1] } },
        { payload: 'no JSON' },
        { payload: { toString: 5 } },
    ])('is no total where the state is $payload', ({ payload }) => {
        expect(heard(sensor(['total', 'in']), payload)).toEqual({ flaw: 'it has no total in kWh' });
    });

    it('does not reach into what every object has', () => {
        expect(heard(sensor(['constructor', 'length']), {})).toEqual({ flaw: 'it has no total in kWh' });
    });

    it.each([{ isRetained: true }, { isRepeated: true }])('has no time if it is old: %j', (change) => {
        expect(heard(sensor([]), '1', change)).toEqual({ flaw: 'the broker kept it, and nobody knows since when' });
    });
});
