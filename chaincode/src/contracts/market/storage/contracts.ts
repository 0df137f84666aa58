import { attestationKey, contractKey, purchaseKey } from '../../../api/keys';
import { TRANSACTIONS } from '../../../api/transactions';
import { sha256Hex } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { after } from '../../../domain/storage/life-cycle';
import { storageOn } from '../../../domain/storage/terms';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { saveEscrow } from '../accounts/escrow';
import { saveEscrowEnd } from '../accounts/escrow-rows';
import { requireAttestations, saveAttestations } from './attesting';
import { bought } from './buying';
import { confirmed, refunded, released, type Ended } from './delivering';
import {
    attestationsOf,
    contractPolicy,
    contractsOf,
    findContract,
    offerHash,
    purchasePolicy,
    purchasesOf,
} from './found';
import { offered, statusOf } from './offering';
import { storageOfDay, storageOfSlot } from './storage-day';

/**
 * Sell and purchase contracts with storage. What each function refuses, in order of precedence, stands in the catalogue
 * (api/catalogue).
 */
export class ContractsContract extends BaseContract {
    constructor() {
        super('market', 'contracts');
    }

    async attest(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:attest'];
        const { day, attestations } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const at = await storageOfDay(ctx, charter, day);
        if (ctx.caller !== at.terms.mspId) {
            refuse('FORBIDDEN', `${ctx.caller} is not the storage system, ${at.terms.mspId}`);
        }
        await requireAttestations(ctx, charter, at, attestations);
        await saveAttestations(ctx, charter, at, attestations);
        return answer(specification, { attested: attestations.map(({ key }) => key) });
    }

    async offer(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:offer'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        const at = await storageOfSlot(ctx, charter, asked.slot);
        const { contract, isKnown, brought } = await offered(ctx, charter, at, asked);
        const key = contractKey(contract.day, contract.slot, contract.id);
        if (at.terms.credibility === 'request-response') {
            await saveAttestations(ctx, charter, at, brought);
        }
        await (isKnown
            ? ctx.ledger.save(key, contract)
            : ctx.ledger.create(key, contract, contractPolicy(charter, contract)));
        const { day, slot, id, offer } = contract;
        ctx.emit({ type: 'ContractOffered', day, slot, id, version: offer.version });
        return answer(specification, { offerHash: offerHash(offer) });
    }

    async withdraw(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:withdraw'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        const contract = (await findContract(ctx, charter, asked)) ?? refuse('CONTRACT_UNKNOWN', `slot ${asked.slot}`);
        const { day, slot, id, offer } = contract;
        if (ctx.caller !== offer.seller) {
            refuse('FORBIDDEN', `${ctx.caller} is not the seller, ${offer.seller}`);
        }
        const status = await statusOf(ctx, charter, contract);
        const next = after(status, 'withdraw');
        if (next !== 'withdrawn' || asked.version !== offer.version) {
            refuse('CONTRACT_STATUS_WRONG', `${offer.key} version ${offer.version} is ${status}`);
        }
        const ended = { ...contract, status: next };
        await ctx.ledger.save(contractKey(day, slot, id), ended);
        ctx.emit({ type: 'ContractWithdrawn', day, slot, id, version: offer.version });
        return answer(specification, ended);
    }

    async buy(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:buy'];
        const asked = argumentOf(specification, args);
        const inputs = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const { purchase, escrow } = await bought(ctx, charter, asked, inputs);
        const { day, slot, id, version } = purchase;
        await saveEscrow(ctx, charter, escrow);
        await ctx.ledger.create(purchaseKey(purchase, version), purchase, purchasePolicy(charter, purchase));
        ctx.emit({ type: 'ContractBought', day, slot, id, version, buyer: purchase.statement.buyer });
        return answer(specification, purchase);
    }

    async release(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:release'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        const purchases = [];
        for (const each of asked.purchases) {
            purchases.push(await released(ctx, charter, each));
        }
        for (const purchase of purchases) {
            const { day, slot, id, version } = purchase;
            await ctx.ledger.save(purchaseKey(purchase, version), purchase);
            ctx.emit({ type: 'ContractReleased', day, slot, id, version });
        }
        return answer(specification, purchases);
    }

    async confirm(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:confirm'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        const ended: Ended[] = [];
        for (const each of asked.purchases) {
            ended.push(await confirmed(ctx, charter, each));
        }
        for (const { purchase, escrow } of ended) {
            const { day, slot, id, version } = purchase;
            await ctx.ledger.save(purchaseKey(purchase, version), purchase);
            await saveEscrowEnd(ctx, escrow);
            ctx.emit({ type: 'ContractConfirmed', day, slot, id, version });
        }
        return answer(
            specification,
            ended.map(({ purchase }) => purchase),
        );
    }

    async refund(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:refund'];
        const asked = argumentOf(specification, args);
        const charter = await ctx.charter();
        const { purchase, escrow } = await refunded(ctx, charter, asked);
        const { day, slot, id, version } = purchase;
        await ctx.ledger.save(purchaseKey(purchase, version), purchase);
        await saveEscrowEnd(ctx, escrow);
        ctx.emit({ type: 'ContractRefunded', day, slot, id, version });
        return answer(specification, purchase);
    }

    /** For governance, which the market may not call back: as it stands there. */
    async attestationEvidence(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:attestationEvidence'];
        const { day, slot, id } = argumentOf(specification, args);
        const key = attestationKey(day, slot, id);
        return answer(specification, {
            attestation: (await ctx.ledger.find(key)) ?? null,
            policyHash: sha256Hex(await ctx.ledger.policyOf(key)),
        });
    }

    async of(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['contracts:of'];
        const { day } = argumentOf(specification, args);
        const charter = await ctx.charter();
        const { mspId = '' } = storageOn(charter.storage, day) ?? {};
        return answer(specification, {
            attestations: await attestationsOf(ctx, charter, day, mspId),
            contracts: await contractsOf(ctx, charter, day),
            purchases: await purchasesOf(ctx, charter, day),
        });
    }
}
