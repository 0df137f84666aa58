import { peer } from '@hyperledger/fabric-protos';
import { Bundle } from '../fabric/channel-config';
import { parseEnvelope } from '../fabric/envelopes';
import {
    buildProposal,
    transactionEnvelope,
    type ProposalRequest,
    type SignedProposalOfClient,
} from '../fabric/proposals';
import { concat } from '../fabric/wire';
import type { SigningIdentity } from '../fabric/signing';
import {
    answerFailure,
    answerParts,
    blockParts,
    broadcastFailure,
    codesFailure,
    readPayload,
    type Parts,
} from './observe';
import type {
    BlockStep,
    BroadcastStep,
    Call,
    CallStep,
    GatewayStep,
    Made,
    Scenario,
    Setting,
    SimulateStep,
    SpoiledBlockStep,
    Step,
} from './scenario';
import { askGateway } from './stage/gateway';
import { isRefused, type PeerKind } from './stage/peer-under-test';
import { RUNNING, type Seen, type Stage } from './stage/stage';
import { HOUSEHOLD } from './stage/twins';

/** Something in which the twins are not the same. */
export interface Difference {
    readonly scenario: string;
    readonly step: number;
    /** Which part of what was seen. */
    readonly what: string;
    readonly embedded: string;
    readonly native: string;
}

export interface Failure {
    readonly scenario: string;
    readonly step: number;
    readonly peer: PeerKind;
    readonly why: string;
}

export interface Played {
    readonly scenario: Scenario;
    readonly failures: readonly Failure[];
    readonly differences: readonly Difference[];
    readonly wordings: number;
}

const LONGEST_TEXT = 2_000;
const WHOLE = ['block bytes', 'endorsed bytes'];
/** What holds the words of a message. */
const WORDED = ['message', 'endorsed bytes'];
/** What cannot be the same again once the twins have come to different states. */
const FOLLOWS = ['commit hash', 'block bytes'];

/** Plays the scenario to all twins of the stage at once, and goes on after a failure as far as it can. */
export async function play(scenario: Scenario, chaincode: string, stage: Stage): Promise<Played> {
    const player = new Player(scenario, chaincode, stage);
    for (const [index, step] of scenario.steps.entries()) {
        await player.step(step, index + 1);
    }
    return player;
}

class Player implements Played, Setting {
    readonly failures: Failure[] = [];
    readonly differences: Difference[] = [];
    readonly #envelopes = new Map<string, Uint8Array>();
    readonly #blocks: number[] = [];
    /** Messages that mean the same in other words. */
    wordings = 0;
    /** Of the channel that the twin orderers have, while they are asked. */
    #bundle: Setting['bundle'] | undefined;
    #step = 0;
    /** Whether the step says what the message has to say: the rest of its words is not compared. */
    #saysTheSame = false;

    constructor(
        readonly scenario: Scenario,
        readonly chaincode: string,
        private readonly stage: Stage,
    ) {}

    get community(): Stage['community'] {
        return this.stage.community;
    }

    readonly packageOf: Setting['packageOf'] = (chaincode) => {
        const service = this.stage.services.find(({ name }) => name === chaincode);
        if (service === undefined) throw new Error(`${chaincode} does not run`);
        return service.package;
    };

    get bundle(): Setting['bundle'] {
        return this.#bundle ?? this.stage.ordering.bundle;
    }

    get next(): number {
        return this.stage.ordering.next;
    }

    readonly version: Setting['version'] = (block, tx = 0) => {
        const number = this.#blocks[block];
        if (number === undefined) throw new Error(`the scenario has no block ${block} yet`);
        return { block: number, tx };
    };

    kept(name: string): Uint8Array {
        const envelope = this.#envelopes.get(name);
        if (envelope === undefined) throw new Error(`nothing is kept as ${name}`);
        return envelope;
    }

    keep(name: string, envelope: Uint8Array): Uint8Array {
        this.#envelopes.set(name, envelope);
        return envelope;
    }

    async step(step: Step, number: number): Promise<void> {
        this.#step = number;
        this.#saysTheSame = 'answer' in step && step.answer.message !== undefined;
        try {
            await this.#play(step);
        } catch (cause) {
            const why = cause instanceof Error ? cause.message : String(cause);
            for (const { kind } of this.stage.peers) this.#fail(kind, why);
        }
    }

    #play(step: Step): Promise<void> {
        switch (step.kind) {
            case 'block':
                return this.#block(step);
            case 'spoiled block':
                return this.#spoiledBlock(step);
            case 'broadcast':
                return this.#broadcast(step);
            case 'call':
                return this.#call(step);
            case 'simulate':
                return this.#simulate(step);
            case 'gateway':
                return this.#gateway(step);
        }
    }

    async #block({ transactions, codes }: BlockStep): Promise<void> {
        const envelopes: Uint8Array[] = [];
        for (const make of transactions) envelopes.push(await make(this));
        this.#blocks.push(this.next);
        const seen = await this.stage.order(envelopes);
        this.#judge(seen, (block) => codesFailure(block, codes), blockParts);
    }

    async #spoiledBlock({ transactions, codes, spoil }: SpoiledBlockStep): Promise<void> {
        const envelopes: Uint8Array[] = [];
        for (const make of transactions) envelopes.push(await make(this));
        this.#blocks.push(this.next);
        const { taken, healed } = await this.stage.tempt(envelopes, spoil(this));
        this.#judge(
            taken,
            (isTaken) => (isTaken ? 'took a block that it has to refuse' : undefined),
            (isTaken) => ({ 'spoiled block': isTaken ? 'taken' : 'refused' }),
        );
        this.#judge(healed, (block) => codesFailure(block, codes), blockParts);
    }

    async #broadcast({ envelope, answer, ours = answer }: BroadcastStep): Promise<void> {
        this.#bundle = Bundle.fromConfigBlock((await this.stage.orderers()).genesis);
        const bytes = await envelope(this);
        const seen = await this.stage.broadcast(bytes);
        // An orderer's reasons are for people: what counts is the status, by which clients act.
        this.#judge(
            seen,
            (each, kind) => broadcastFailure(each, kind === 'embedded' ? ours : answer),
            ({ status }) => ({ status }),
        );
    }

    async #call({ call, answer, ours = answer, read }: CallStep): Promise<void> {
        const { signed } = await this.#proposal(call);
        const seen = await this.stage.propose(signed);
        this.#judge(
            seen,
            (each, kind) => answerFailure(each, kind === 'embedded' ? ours : answer),
            (each) => ({ ...answerParts(each), ...readPayload(each, read) }),
        );
    }

    async #simulate({ call, name, endorsers, answer }: SimulateStep): Promise<void> {
        const { proposal, signed, client } = await this.#proposal(call);
        const seen = await this.stage.propose(signed);
        this.#judge(seen, (each) => answerFailure(each, answer), answerParts);
        const response = [...seen.values()].find((each) => !(each instanceof Error) && !isRefused(each));
        if (response instanceof peer.ProposalResponse && response.hasEndorsement()) {
            const responses = endorsers.map((id) =>
                id === HOUSEHOLD ? response : endorsedBy(this.community.signer(id, 'peer'), response),
            );
            this.keep(name, transactionEnvelope(proposal, responses, client).serializeBinary());
        }
    }

    async #gateway(step: GatewayStep): Promise<void> {
        const { txId, signed, client } = await this.#proposal(step.call);
        const seen = await this.stage.each((twin) =>
            askGateway(twin, step.request, {
                channelId: this.community.topology.channel,
                txId: step.of === undefined ? txId : parseEnvelope(this.kept(step.of)).txId,
                signed,
                client,
                organisations: step.organisations ?? [],
            }),
        );
        const { answer, ours = answer } = step;
        this.#judge(seen, (each, kind) => answerFailure(each, kind === 'embedded' ? ours : answer), answerParts);
    }

    async #proposal(made: Made<Call>): Promise<SignedProposalOfClient & { client: SigningIdentity }> {
        const call = typeof made === 'function' ? await made(this) : made;
        const { topology } = this.community;
        const client = call.signer ?? this.community.signer(call.client ?? HOUSEHOLD, call.as ?? 'agent');
        const proposed = buildProposal(requestOf(call, topology.channel), client);
        return { ...proposed, client, signed: call.altered?.(proposed.signed) ?? proposed.signed };
    }

    /** Each twin for itself, and then one against the other. */
    #judge<T>(seen: Seen<T>, failure: (one: T, kind: PeerKind) => string | undefined, parts: (one: T) => Parts): void {
        const observed = new Map<PeerKind, Parts>();
        for (const [{ kind }, one] of seen) {
            const why = one instanceof Error ? one.message : failure(one, kind);
            if (why !== undefined) this.#fail(kind, why);
            observed.set(kind, one instanceof Error ? { failed: one.message } : parts(one));
        }
        const [embedded, native] = [observed.get('embedded'), observed.get('native')];
        if (embedded !== undefined && native !== undefined) this.#compare(embedded, native);
    }

    #compare(embedded: Parts, native: Parts): void {
        const isSameMeaning = this.#saysTheSame && embedded['message'] !== native['message'];
        if (isSameMeaning) this.wordings += 1;
        const differing = [...new Set([...Object.keys(embedded), ...Object.keys(native)])].filter(
            (what) =>
                embedded[what] !== native[what] &&
                !(this.stage.hasDiverged && FOLLOWS.includes(what)) &&
                !(isSameMeaning && WORDED.includes(what)),
        );
        // All bytes of a block, or of what was endorsed, differ wherever a part of them does.
        const named = differing.filter((what) => !WHOLE.includes(what));
        for (const what of named.length > 0 ? named : differing) {
            const [ours = '', theirs = ''] = [embedded[what], native[what]].map((one) => one?.slice(0, LONGEST_TEXT));
            this.differences.push({
                scenario: this.scenario.name,
                step: this.#step,
                what,
                embedded: ours,
                native: theirs,
            });
        }
        this.stage.hasDiverged ||= differing.includes('commit hash');
    }

    #fail(kind: PeerKind, why: string): void {
        this.failures.push({ scenario: this.scenario.name, step: this.#step, peer: kind, why });
    }
}

function requestOf(call: Call, channelOfCommunity: string): ProposalRequest {
    const { chaincode = RUNNING, channel = channelOfCommunity, args, transient = {}, aheadMs = 0, nonce } = call;
    return {
        channelId: channel,
        chaincode,
        args: args.map((each) => Buffer.from(each)),
        transient: new Map(Object.entries(transient).map(([name, value]) => [name, Buffer.from(value)])),
        timestamp: new Date(Date.now() + aheadMs),
        ...(nonce === undefined ? {} : { nonce }),
    };
}

/** Another organisation's endorsement of what the twin came to. */
function endorsedBy(endorser: SigningIdentity, response: peer.ProposalResponse): peer.ProposalResponse {
    const payload = response.getPayload_asU8();
    const endorsement = new peer.Endorsement();
    endorsement.setEndorser(endorser.serialized);
    endorsement.setSignature(endorser.sign(concat(payload, endorser.serialized)));
    const other = peer.ProposalResponse.deserializeBinary(response.serializeBinary());
    other.setEndorsement(endorsement);
    return other;
}
