import type { Contract } from 'fabric-contract-api';
import type { ChaincodeName } from '../api/transactions';
import { CharterContract } from './governance/charter';
import { CommitteeContract } from './governance/committee';
import { DayAheadContract } from './governance/day-ahead';
import { CommunityContract } from './governance/community';
import { StorageContract } from './governance/storage';
import { StakeContract } from './governance/stake/stake';
import { TariffsContract } from './governance/tariffs';
import { AccountsContract } from './market/accounts/accounts';
import { AuctionContract } from './market/auction/auction';
import { BillingContract } from './market/billing/billing';
import { CorrectionsContract } from './market/corrections/corrections';
import { DisputesContract } from './market/disputes/disputes';
import { FeederContract } from './market/feeder/feeder';
import { InvoicingContract } from './market/invoicing/invoicing';
import { MeteringContract } from './market/metering/metering';
import { ContractsContract } from './market/storage/contracts';
import { RetentionContract } from './market/retention/retention';
import { ScheduleContract } from './market/schedule/schedule';
import { RecoveryContract } from './market/recovery/recovery';

/** What each of the two chaincodes consists of. */
export const CHAINCODES: Readonly<Record<ChaincodeName, readonly (new () => Contract)[]>> = {
    governance: [
        CharterContract,
        CommunityContract,
        TariffsContract,
        CommitteeContract,
        StakeContract,
        StorageContract,
        DayAheadContract,
    ],
    market: [
        AuctionContract,
        MeteringContract,
        BillingContract,
        InvoicingContract,
        CorrectionsContract,
        FeederContract,
        DisputesContract,
        AccountsContract,
        ContractsContract,
        RecoveryContract,
        ScheduleContract,
        RetentionContract,
    ],
};
