import { readFileSync, statSync } from 'node:fs';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { z } from 'zod';
import { InputError } from '../../data/input-error';
import { MOST_BYTES } from './message';

/** Where a broker is and how one gets in. Names and passwords come from a file or the environment: arguments are for everybody to see. */
export interface Broker {
    /** `mqtt://host:1883`, `mqtts://host:8883`. */
    readonly url: string;
    readonly username?: string | undefined;
    readonly password?: string | undefined;
    /** PEM: whom to trust besides the well-known authorities. */
    readonly ca?: Buffer | undefined;
    readonly certificate?: Buffer | undefined;
    readonly key?: Buffer | undefined;
}

export interface BrokerFiles {
    readonly credentials?: string | undefined;
    readonly ca?: string | undefined;
    readonly certificate?: string | undefined;
    readonly key?: string | undefined;
}

const credentials = z.strictObject({ username: z.string().min(1), password: z.string() });

/** @throws InputError naming what cannot be used. */
export function brokerAt(text: string, files: BrokerFiles, environment: NodeJS.ProcessEnv): Broker {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined || !['mqtt:', 'mqtts:'].includes(url.protocol) || url.hostname === '') {
        throw new InputError({ file: '--mqtt' }, `'${text}' is no broker's address; write it as mqtt://host:1883`);
    }
    if (url.username !== '' || url.password !== '') {
        const why =
            'everybody on this machine can read arguments: put name and password into a file, --mqtt-credentials, or into ' +
            'COMMONWATT_MQTT_USERNAME and COMMONWATT_MQTT_PASSWORD';
        throw new InputError({ file: '--mqtt' }, why);
    }
    return {
        url: text,
        ...identityFrom(files.credentials, environment),
        ca: fileFrom('--mqtt-ca', files.ca),
        certificate: fileFrom('--mqtt-certificate', files.certificate),
        key: fileFrom('--mqtt-key', files.key, true),
    };
}

function identityFrom(file: string | undefined, environment: NodeJS.ProcessEnv): Pick<Broker, 'username' | 'password'> {
    if (file === undefined) {
        return { username: environment['COMMONWATT_MQTT_USERNAME'], password: environment['COMMONWATT_MQTT_PASSWORD'] };
    }
    const text = fileFrom('--mqtt-credentials', file, true)?.toString() ?? '';
    try {
        return credentials.parse(JSON.parse(text));
    } catch {
        throw new InputError({ file }, 'it has to hold {"username":"…","password":"…"}'); // Never what it does hold.
    }
}

function fileFrom(option: string, file: string | undefined, isSecret = false): Buffer | undefined {
    if (file === undefined) {
        return undefined;
    }
    try {
        if (isSecret && (statSync(file).mode & 0o077) !== 0) {
            throw new InputError({ file }, `others on this machine may read it: chmod 600 ${file}`);
        }
        return readFileSync(file);
    } catch (error) {
        if (error instanceof InputError) {
            throw error;
        }
        throw new InputError(
            { file: option },
            `${file} cannot be read (${error instanceof Error ? error.message : ''})`,
        );
    }
}

const RECONNECT_MS = 1_000;
const CONNECT_MS = 10_000;

/** A connection that comes back by itself. Nothing is kept for us while we are away: what then arrives would be of times that nobody knows. */
export function connectTo(broker: Broker, options: Pick<IClientOptions, 'will'> = {}): MqttClient {
    const { url, username, password, ca, certificate, key } = broker;
    return connect(url, {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password }),
        ...(ca === undefined ? {} : { ca }),
        ...(certificate === undefined ? {} : { cert: certificate }),
        ...(key === undefined ? {} : { key }),
        ...options,
        clean: true,
        resubscribe: false, // Who listens subscribes whenever it is connected.
        reconnectPeriod: RECONNECT_MS,
        reconnectOnConnackError: true,
        connectTimeout: CONNECT_MS,
        rejectUnauthorized: true,
        properties: { maximumPacketSize: MOST_BYTES }, // Brokers of version 5 heed it.
    });
}
