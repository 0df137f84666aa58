import { ChannelCredentials } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { signedEnvelope } from '../../fabric/envelopes';
import type { SigningIdentity } from '../../fabric/signing';

export type Place = 'oldest' | 'newest' | number;

export interface SeekOptions {
    readonly from?: Place;
    readonly to?: Place;
    readonly channelId?: string;
    readonly failIfNotReady?: boolean;
    readonly headersOnly?: boolean;
}

export interface Delivered {
    readonly blocks: readonly common.Block[];
    /** Name of the status that ended the request. */
    readonly status: string;
}

/** What a gateway and a peer do with an ordering service, over TLS. */
export class OrderingClient {
    readonly #stub: orderer.AtomicBroadcastClient;

    constructor(address: string, root: Buffer) {
        this.#stub = new orderer.AtomicBroadcastClient(address, ChannelCredentials.createSsl(root));
    }

    close(): void {
        this.#stub.close();
    }

    /** Each on the same stream, answers in order; fewer answers than envelopes when the stream was ended. */
    broadcast(...envelopes: readonly common.Envelope[]): Promise<{ status: string; info: string }[]> {
        return new Promise((resolve, reject) => {
            const stream = this.#stub.broadcast();
            const answers: { status: string; info: string }[] = [];
            stream.on('data', (response: orderer.BroadcastResponse) => {
                answers.push({ status: nameOf(response.getStatus()), info: response.getInfo() });
            });
            stream.on('error', reject);
            stream.on('end', () => {
                resolve(answers);
            });
            envelopes.forEach((envelope) => {
                stream.write(envelope);
            });
            stream.end();
        });
    }

    deliver(reader: SigningIdentity, options: SeekOptions = {}): Promise<Delivered> {
        const request = signedEnvelope(
            common.HeaderType.DELIVER_SEEK_INFO,
            options.channelId ?? 'community',
            seekInfo(options).serializeBinary(),
            reader,
        );
        return this.deliverWith(request);
    }

    /** Ends with the first status; rejects when the connection breaks before it. */
    deliverWith(request: common.Envelope): Promise<Delivered> {
        return new Promise((resolve, reject) => {
            const stream = this.#stub.deliver();
            const blocks: common.Block[] = [];
            stream.on('data', (response: orderer.DeliverResponse) => {
                const block = response.getBlock();
                if (block === undefined) {
                    resolve({ blocks, status: nameOf(response.getStatus()) });
                    stream.end();
                } else {
                    blocks.push(block);
                }
            });
            stream.on('error', reject);
            stream.write(request);
        });
    }
}

export function seekInfo({ from = 0, to = 'newest', failIfNotReady, headersOnly }: SeekOptions): orderer.SeekInfo {
    const { SeekBehavior, SeekContentType } = orderer.SeekInfo;
    const seek = new orderer.SeekInfo();
    seek.setStart(position(from));
    seek.setStop(position(to));
    seek.setBehavior(failIfNotReady === true ? SeekBehavior.FAIL_IF_NOT_READY : SeekBehavior.BLOCK_UNTIL_READY);
    seek.setContentType(headersOnly === true ? SeekContentType.HEADER_WITH_SIG : SeekContentType.BLOCK);
    return seek;
}

export function position(place: Place | 'next' | 'unset'): orderer.SeekPosition {
    const made = new orderer.SeekPosition();
    if (typeof place === 'number') {
        const specified = new orderer.SeekSpecified();
        specified.setNumber(place);
        made.setSpecified(specified);
    } else if (place === 'oldest') {
        made.setOldest(new orderer.SeekOldest());
    } else if (place === 'newest') {
        made.setNewest(new orderer.SeekNewest());
    } else if (place === 'next') {
        made.setNextCommit(new orderer.SeekNextCommit());
    }
    return made;
}

function nameOf(status: number): string {
    return Object.entries(common.Status).find(([, value]) => value === status)?.[0] ?? String(status);
}
