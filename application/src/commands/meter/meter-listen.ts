import { once } from 'node:events';
import { InputError } from '../../data/input-error';
import type { MeterStore } from '../../meters/meter-store';
import { brokerAt, type BrokerFiles } from '../../meters/mqtt/broker';
import { discoverySource, tasmotaSource, type SourceParts } from '../../meters/mqtt/mqtt-source';
import { openerOf, P1Reader, p1Source } from '../../meters/p1/p1-source';
import { calmNotes, storeSink, type Notes, type RunningSource, type Sink } from '../../meters/sink';
import { EXIT } from '../failure';
import { meterOf, say, withStore, type MeterOptions } from './shown';

export interface BrokerOptions {
    readonly mqtt?: string;
    readonly mqttCredentials?: string;
    readonly mqttCa?: string;
    readonly mqttCertificate?: string;
    readonly mqttKey?: string;
}

export interface MeterListenOptions extends MeterOptions, BrokerOptions {
    readonly p1?: string;
    readonly tasmota?: string;
    readonly importField: string;
    readonly exportField?: string;
    readonly importSensor?: string;
    readonly exportSensor?: string;
    readonly discoveryPrefix: string;
}

/** Keeps what a home's meter says until it is ended; with `--p1 -` until standard input ends. */
export async function meterListen(home: string, options: MeterListenOptions): Promise<number> {
    const meterId = meterOf(options);
    const notes = calmNotes(say);
    return withStore(home, options, async (store) => {
        const sink = told(storeSink(store, notes), options.json === true);
        if (options.p1 === '-') {
            return fromInput(reader(store, meterId, 'p1 standard input', sink, notes));
        }
        const source = sourceOf(store, meterId, options, sink, notes);
        await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
        await source.stop();
        return EXIT.done;
    });
}

/** With --json every reading is a line. */
function told(sink: Sink, isJson: boolean): Sink {
    return (readings) => {
        sink(readings);
        for (const { wh, ...reading } of isJson ? readings : []) {
            process.stdout.write(`${JSON.stringify({ ...reading, wh: wh.toString() })}\n`);
        }
    };
}

function sourceOf(
    store: MeterStore,
    meterId: string,
    options: MeterListenOptions,
    sink: Sink,
    notes: Notes,
): RunningSource {
    const { p1, mqtt, tasmota, importField, exportField, importSensor, exportSensor } = options;
    if ((p1 === undefined) === (mqtt === undefined)) {
        throw new InputError(
            { file: 'meter listen' },
            'say where the meter is: either --mqtt mqtt://host:1883 or --p1 /dev/ttyUSB0',
        );
    }
    if (p1 !== undefined) {
        return p1Source(openerOf(p1), reader(store, meterId, `p1 ${p1}`, sink, notes), { sink, notes });
    }
    const parts: SourceParts = { broker: brokerAt(mqtt ?? '', brokerFiles(options), process.env), sink, notes };
    if (tasmota !== undefined && importSensor === undefined) {
        return tasmotaSource({ meterId, device: topicLevel(tasmota), importField, exportField }, parts);
    }
    if (importSensor !== undefined && tasmota === undefined) {
        return discoverySource({ meterId, prefix: options.discoveryPrefix, importSensor, exportSensor }, parts);
    }
    const why = 'say which device: --tasmota NAME, or --import-sensor ID of a sensor announced for Home Assistant';
    throw new InputError({ file: '--mqtt' }, why);
}

export const brokerFiles = (options: BrokerOptions): BrokerFiles => ({
    credentials: options.mqttCredentials,
    ca: options.mqttCa,
    certificate: options.mqttCertificate,
    key: options.mqttKey,
});

function topicLevel(text: string): string {
    if (text === '' || /[#+]/.test(text)) {
        throw new InputError({ file: '--tasmota' }, `'${text}' is no device's topic; write it as house`);
    }
    return text;
}

function reader(store: MeterStore, meterId: string, source: string, sink: Sink, notes: Notes): P1Reader {
    const isSame = (equipment: string): boolean => store.isSameDevice(meterId, equipment);
    return new P1Reader({ meterId, source, isSame }, { sink, notes });
}

async function fromInput(p1: P1Reader): Promise<number> {
    for await (const chunk of process.stdin) {
        p1.push(chunk as Buffer, true);
    }
    const { kept, dropped } = p1.counts;
    say(`standard input has ended: ${kept} telegrams were kept, ${dropped} were not`);
    return kept > 0 || dropped === 0 ? EXIT.done : EXIT.failed;
}
