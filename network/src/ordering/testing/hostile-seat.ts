import { readFileSync } from 'node:fs';
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { seatPorts } from '../../topology/native/ports';
import { organisation } from '../../topology/topology';
import { CometEngine } from '../engine/comet/comet-engine';
import type { EngineBlock, OrderingApp, Proposal, Verdict } from '../engine/engine';
import type { OrderingNode } from '../ordering-node';
import { startSeatNode } from '../seat-node';
import type { OrderingCommunity } from './community';

/** A seat in this process whose application takes and proposes what it is told to, and agrees to everything. */
export interface HostileSeat {
    readonly node: OrderingNode;
    /** Gives a message to its engine, and so to those of the others, whatever it is. */
    propose(message: Uint8Array): Promise<void>;
    /** From now on it sends no block to anybody; connections stay, and what else it is asked it answers. */
    withholdBlocks(): void;
}

/** Stands between the seat and whoever asks for blocks. */
class Withholding {
    isOn = false;

    readonly interceptor: ServerInterceptor = (method, call) =>
        new ServerInterceptingCall(call, {
            sendMessage: (message, next) => {
                if (!this.isOn || !method.path.endsWith('Deliver')) next(message);
            },
        });
}

/** Its engine and its signatures are those of a good seat: only with the powers of a seat is there something to refuse. */
export async function startHostileSeat(
    id: string,
    community: OrderingCommunity,
    program: string,
): Promise<HostileSeat> {
    const member = organisation(community.topology, id);
    const { orderingSeat } = member;
    if (orderingSeat === undefined) throw new Error(`${id} has no seat`);
    const { tls } = community.layout.organisation(member).orderer;
    const folders = community.layout.seat(id);
    let engine: CometEngine | undefined;
    const withholding = new Withholding();
    const node = await startSeatNode({
        genesis: community.written(),
        directory: folders.directory,
        address: { host: orderingSeat.host, port: orderingSeat.port },
        cluster: seatPorts(orderingSeat).cluster,
        interceptor: withholding.interceptor,
        identity: community.orderer(id),
        tls: { certificate: readFileSync(tls.certificate), key: readFileSync(tls.key) },
        engine: (context) => {
            const made = new CometEngine({
                ...context,
                directory: folders.engine,
                program,
                logFile: community.layout.logFile(`engine-${id}`),
            });
            engine = made;
            return {
                start: (app) => made.start(new Agreeable(app)),
                submit: (message) => made.submit(message),
                stop: () => made.stop(),
            };
        },
    });
    return {
        node,
        propose: async (message) => {
            await engine?.submit(message);
        },
        withholdBlocks: () => {
            withholding.isOn = true;
        },
    };
}

/** Checks nothing; what is decided it does like all others, because those have checked it. */
class Agreeable implements OrderingApp {
    constructor(private readonly app: OrderingApp) {}

    info(): ReturnType<OrderingApp['info']> {
        return this.app.info();
    }

    check(): Verdict {
        return { kind: 'new' };
    }

    recheck(): boolean {
        return true;
    }

    forgetWaiting(): void {
        this.app.forgetWaiting();
    }

    prepare(pending: readonly Uint8Array[]): Proposal {
        return { considered: pending.length, dropped: [] };
    }

    process(): string | undefined {
        return undefined;
    }

    finalize(block: EngineBlock): ReturnType<OrderingApp['finalize']> {
        return this.app.finalize(block);
    }

    commit(): Promise<void> {
        return this.app.commit();
    }
}
