import type { common } from '@hyperledger/fabric-protos';
import {
    blockSignatures,
    blockSignaturesValue,
    decodeBlock,
    encodeBlock,
    setBlockSignatures,
} from '../../fabric/blocks';
import { headerOf } from '../app/block-header';
import { FabricOrderingApp, type UnsignedBlock } from '../app/ordering-app';
import { SignatureExchange, type Effects, type Signatory } from '../cluster/exchange';
import type { ClusterMessage } from '../cluster/messages';
import type { EngineBlock } from '../engine/engine';
import type { SimulatedDisk } from './simulated-disks';

/** Makes and checks a seat's signatures: with keys, or by name alone where only the order of things is looked at. */
export interface SimulatedSigner {
    readonly signatories: (bundle: UnsignedBlock['bundle']) => readonly Signatory[];
    sign(mspId: string, header: common.BlockHeader, value: Uint8Array): common.MetadataSignature;
}

/** Where a seat may lose its process: before and after each write. */
export class Crashed extends Error {}

export interface SimulatedSeatOptions {
    readonly mspId: string;
    readonly genesis: common.Block;
    readonly signer: SimulatedSigner;
    readonly disk: SimulatedDisk;
    /** Throws Crashed where the process ends; asked before and after every write. */
    readonly mayCrash: () => void;
    readonly send: (from: string, to: string, message: ClusterMessage) => void;
}

/**
 * A seat without process, socket and clock: the ordering application and the exchange of signatures as they are, on a disk that is a
 * map. What it has in memory is lost with it; what it needs again comes from its disk and from the engine.
 */
export class SimulatedSeat {
    readonly #options: SimulatedSeatOptions;
    readonly app: FabricOrderingApp;
    readonly #exchange: SignatureExchange;

    constructor(options: SimulatedSeatOptions) {
        this.#options = options;
        const { disk, genesis, mspId } = options;
        this.app = new FabricOrderingApp(genesis, { sink: (unsigned) => this.#sink(unsigned) });
        this.#exchange = new SignatureExchange(mspId, disk.sealed.length + 1);
        for (let number = 1; number <= disk.sealed.length; number += 1) this.#restoreSealed(number);
        for (const number of disk.decided.keys()) if (number <= disk.sealed.length) disk.decided.delete(number);
        for (let number = disk.sealed.length + 1; disk.decided.has(number); number += 1) {
            this.#decided(this.app.restore(decodeBlock(disk.decided.get(number) ?? new Uint8Array())), 0);
        }
    }

    #restoreSealed(number: number): void {
        const block = this.#options.disk.sealed.get(number);
        if (block === undefined) throw new Error(`block ${number} is missing among the sealed ones`);
        this.app.restore(block);
    }

    /** What the engine does with a decided block. */
    async decide(block: EngineBlock): Promise<void> {
        this.app.finalize(block);
        await this.app.commit();
    }

    receive(from: string, message: ClusterMessage, now: number): void {
        this.#apply(this.#exchange.received(from, message, now));
    }

    tick(now: number): void {
        this.#apply(this.#exchange.tick(now));
    }

    #sink(unsigned: UnsignedBlock): Promise<void> {
        const { disk, mayCrash, mspId, signer } = this.#options;
        const header = headerOf(unsigned.block);
        setBlockSignatures(unsigned.block, unsigned.value, [signer.sign(mspId, header, unsigned.value)]);
        mayCrash();
        disk.decided.set(header.getNumber(), encodeBlock(unsigned.block));
        mayCrash();
        this.#decided(unsigned, 0);
        return Promise.resolve();
    }

    #decided({ block, value, bundle }: UnsignedBlock, now: number): void {
        const { mspId, signer } = this.#options;
        const header = headerOf(block);
        const own = signer.sign(mspId, header, value);
        this.#apply(this.#exchange.decided({ header, value, signatories: signer.signatories(bundle), own }, now));
    }

    #apply({ sends, sealed, answers, complaints }: Effects): void {
        const { disk, mayCrash, mspId, send } = this.#options;
        const [complaint] = complaints;
        if (complaint !== undefined && complaint.code !== 'SIGNATURES_WITHHELD') {
            throw new Error(`a good seat is blamed: ${complaint.code} ${complaint.mspId}: ${complaint.why}`);
        }
        for (const { number, signatures } of sealed) {
            const block = decodeBlock(disk.decided.get(number) ?? new Uint8Array());
            setBlockSignatures(block, blockSignaturesValue(block), signatures);
            mayCrash();
            disk.sealed.append(block);
            mayCrash();
            disk.decided.delete(number);
        }
        for (const { to, message } of sends) send(mspId, to, message);
        for (const { to, range } of answers) {
            for (let number = range.from; number <= range.to; number += 1) {
                const known = this.#exchange.known(number) ?? this.#stored(number);
                if (known !== undefined) send(mspId, to, known);
            }
        }
    }

    #stored(number: number): ClusterMessage | undefined {
        const block = this.#options.disk.sealed.get(number);
        return (
            block && {
                kind: 'signed',
                header: headerOf(block),
                value: blockSignaturesValue(block),
                signatures: blockSignatures(block),
            }
        );
    }
}
