import { X509Certificate } from 'node:crypto';
import { connect, createServer, type SecureContextOptions, type Server, type TLSSocket } from 'node:tls';
import { FrameReader, frame } from './frames';

/** Another seat, as the configuration has it. */
export interface LinkedSeat {
    readonly mspId: string;
    readonly host: string;
    readonly port: number;
    /** PEM: what it shows when it connects, and when it is connected to. */
    readonly clientTlsPem: string;
    readonly serverTlsPem: string;
}

export interface LinksOptions {
    readonly own: string;
    readonly listen: { readonly host: string; readonly port: number };
    /** PEM. */
    readonly tls: { readonly certificate: Buffer; readonly key: Buffer };
    readonly onMessage: (from: string, message: Buffer) => void;
    /** Told what a person should know. */
    readonly report: (what: string) => void;
}

const CONNECT_LIMIT_MS = 3_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;
/** Beyond this, messages to a seat that does not read are dropped: it asks for them when it is back. */
const MOST_WAITING_BYTES = 8 * 1024 * 1024;
/** A seat that sends more is read no faster. */
const MOST_PER_SECOND = 5_000;

/**
 * Connections between seats: each seat sends over one that it has made itself, and listens on those that others made. Both sides show
 * the TLS certificate that the channel's configuration names for their seat, byte for byte; no authority can add another. Nothing is
 * promised of a message: it comes whole, once and from that seat, or not at all.
 */
export class ClusterLinks {
    readonly #options: LinksOptions;
    readonly #server: Server;
    readonly #out = new Map<string, Outgoing>();
    readonly #in = new Map<string, Set<TLSSocket>>();
    #seats: readonly LinkedSeat[] = [];
    #tls: LinksOptions['tls'];
    #isClosed = false;

    private constructor(options: LinksOptions) {
        this.#options = options;
        this.#tls = options.tls;
        const pinned = { ...secured(this.#tls), requestCert: true, rejectUnauthorized: false };
        this.#server = createServer(pinned, (socket) => {
            this.#accept(socket);
        });
        this.#server.on('tlsClientError', () => undefined);
    }

    /** Listens once it resolves; nobody is let in before `follow` has named the seats. */
    static async listen(options: LinksOptions): Promise<ClusterLinks> {
        const links = new ClusterLinks(options);
        const { host, port } = options.listen;
        await new Promise<void>((resolve, reject) => {
            links.#server.once('error', (cause: Error) => {
                reject(
                    new Error(`${host}:${port} cannot be listened on for the other seats: ${cause.message}`, { cause }),
                );
            });
            links.#server.listen(port, host, resolve);
        });
        return links;
    }

    /** From now on this seat shows another certificate; connections that are there stay. */
    show(tls: LinksOptions['tls']): void {
        this.#tls = tls;
        this.#server.setSecureContext(secured(tls));
    }

    /**
     * These are the seats now: ends connections with others, begins those that are missing. A seat may be named twice, with the
     * certificates before and after they were renewed: either counts.
     */
    follow(seats: readonly LinkedSeat[]): void {
        const before = this.#seats;
        this.#seats = seats.filter(({ mspId }) => mspId !== this.#options.own);
        for (const old of before.filter((one) => !this.#seats.some((other) => isSame(one, other)))) {
            this.#out.get(old.mspId)?.close();
            this.#out.delete(old.mspId);
            for (const socket of this.#in.get(old.mspId) ?? []) socket.destroy();
        }
        for (const seat of this.#seats.filter(({ mspId }) => !this.#out.has(mspId))) {
            this.#out.set(seat.mspId, new Outgoing(seat, this.#outgoingOptions(seat)));
        }
    }

    #outgoingOptions({ mspId }: LinkedSeat): OutgoingOptions {
        return {
            report: this.#options.report,
            tls: () => this.#tls,
            pins: () => this.#seats.filter((seat) => seat.mspId === mspId).map(({ serverTlsPem }) => serverTlsPem),
        };
    }

    /** @returns false where it is dropped: no such seat, no connection, or too much waits. */
    send(to: string, message: Uint8Array): boolean {
        return this.#out.get(to)?.send(message) ?? false;
    }

    close(): void {
        this.#isClosed = true;
        for (const outgoing of this.#out.values()) outgoing.close();
        for (const sockets of this.#in.values()) for (const socket of sockets) socket.destroy();
        this.#server.close();
    }

    #accept(socket: TLSSocket): void {
        socket.on('error', () => undefined);
        const shown = socket.getPeerX509Certificate()?.raw;
        const seat = this.#seats.find(({ clientTlsPem }) => isPinned(shown, clientTlsPem));
        if (seat === undefined || this.#isClosed) {
            this.#options.report(
                `UNKNOWN_SEAT: ${socket.remoteAddress ?? ''} connects and is no seat of the configuration`,
            );
            socket.destroy();
            return;
        }
        const { mspId } = seat;
        const sockets = this.#in.get(mspId) ?? new Set();
        // A seat that connects again has given up the connection before.
        for (const old of sockets) old.destroy();
        this.#in.set(mspId, sockets.add(socket));
        socket.once('close', () => sockets.delete(socket));
        receive(
            socket,
            (message) => {
                this.#options.onMessage(mspId, message);
            },
            (why) => {
                this.#options.report(`UNREADABLE: ${mspId} sends ${why}`);
            },
        );
    }
}

/** Reads frames, no more than so many a second. */
function receive(socket: TLSSocket, onMessage: (message: Buffer) => void, onBroken: (why: string) => void): void {
    const reader = new FrameReader();
    let left = MOST_PER_SECOND;
    const refill = setInterval(() => {
        left = MOST_PER_SECOND;
        socket.resume();
    }, 1_000);
    socket.once('close', () => {
        clearInterval(refill);
    });
    socket.on('data', (chunk: Buffer) => {
        const { frames, broken } = reader.push(chunk);
        frames.forEach(onMessage);
        left -= frames.length;
        if (broken !== undefined) {
            onBroken(broken);
            socket.destroy();
        } else if (left <= 0) {
            socket.pause();
        }
    });
}

interface OutgoingOptions extends Pick<LinksOptions, 'report'> {
    /** As asked for each time: certificates are renewed. */
    readonly tls: () => LinksOptions['tls'];
    readonly pins: () => readonly string[];
}

/** The connection to one seat, made again whenever it is lost. */
class Outgoing {
    readonly #seat: LinkedSeat;
    readonly #options: OutgoingOptions;
    #socket: TLSSocket | undefined;
    #isReady = false;
    #retry: NodeJS.Timeout | undefined;
    #wait = FIRST_RETRY_MS;
    #isClosed = false;

    constructor(seat: LinkedSeat, options: OutgoingOptions) {
        this.#seat = seat;
        this.#options = options;
        this.#connect();
    }

    send(message: Uint8Array): boolean {
        if (!this.#isReady || this.#socket === undefined || this.#socket.writableLength > MOST_WAITING_BYTES)
            return false;
        this.#socket.write(frame(message));
        return true;
    }

    close(): void {
        this.#isClosed = true;
        clearTimeout(this.#retry);
        this.#socket?.destroy();
    }

    #connect(): void {
        const { host, port, mspId } = this.#seat;
        const socket = connect({ ...secured(this.#options.tls()), host, port, rejectUnauthorized: false });
        this.#socket = socket;
        socket.setTimeout(CONNECT_LIMIT_MS, () => socket.destroy());
        socket.on('error', () => undefined);
        socket.once('secureConnect', () => {
            const shown = socket.getPeerX509Certificate()?.raw;
            if (!this.#options.pins().some((pem) => isPinned(shown, pem))) {
                this.#options.report(`UNKNOWN_SEAT: ${host}:${port} answers with another certificate than ${mspId}'s`);
                socket.destroy();
                return;
            }
            socket.setTimeout(0);
            socket.setNoDelay(true);
            socket.setKeepAlive(true, CONNECT_LIMIT_MS);
            this.#isReady = true;
            this.#wait = FIRST_RETRY_MS;
        });
        // Nothing is sent in this direction; read, so that the end is noticed.
        socket.resume();
        socket.once('close', () => {
            this.#isReady = false;
            if (this.#isClosed) return;
            this.#retry = setTimeout(() => {
                this.#connect();
            }, this.#wait);
            this.#wait = Math.min(this.#wait * 2, LONGEST_RETRY_MS);
        });
    }
}

function secured({ certificate, key }: LinksOptions['tls']): SecureContextOptions {
    return { cert: certificate, key, minVersion: 'TLSv1.3' };
}

function isPinned(shown: Buffer | undefined, pem: string): boolean {
    return shown !== undefined && new X509Certificate(pem).raw.equals(shown);
}

function isSame(one: LinkedSeat, other: LinkedSeat): boolean {
    return (
        one.mspId === other.mspId &&
        one.host === other.host &&
        one.port === other.port &&
        one.clientTlsPem === other.clientTlsPem &&
        one.serverTlsPem === other.serverTlsPem
    );
}
