import { describe, expect, it } from '@jest/globals';
import { InputError } from '../data/input-error';
import { wishOf } from './serve';

describe('what the server is asked to be', () => {
    it.each(['0.0.0.0', '::', '192.168.0.2', 'home.example'])('is nothing that listens at %s in clear', (host) => {
        expect(() => wishOf({ home: 'home', host })).toThrow(InputError);
        expect(() => wishOf({ home: 'home', host })).toThrow('everybody in the network could read along');
    });

    it.each([undefined, '127.0.0.1', '::1', 'localhost'])('listens at %s without a certificate', (host) => {
        expect(wishOf({ home: 'home', ...(host === undefined ? {} : { host }) })).toMatchObject({
            host,
            tls: undefined,
        });
    });

    it('has a certificate with its key, or none', () => {
        expect(() => wishOf({ home: 'home', tlsCert: 'home.pem' })).toThrow('goes with --tls-key');
    });
});
