/**
 * Bytes that Fabric 3.1.5 made itself, for the contents that the tests beside them build: its builder of read-write sets, and its
 * encoding of block headers.
 */
export const FABRIC_RWSET = Buffer.from(
    [
        'EjcKCl9saWZlY3ljbGUSKQonCiFuYW1lc3BhY2VzL2ZpZWxkcy9tYXJrZXQvU2VxdWVuY2USAggCEtQECgZtYXJrZXQSaQoDCgFh',
        'CgkKAWISBAgDEAEKBwoD77+9EgAKCgoE8J+YgBICCAEaCQoFAGMAZAAQARoKCgF6GgV2YWx1ZSIDCgF5IiYKAXoSBgoBQRIBcRIZ',
        'ChRWQUxJREFUSU9OX1BBUkFNRVRFUhIBcBqAAQoUX2ltcGxpY2l0X29yZ19EU09NU1ASRhJECiABX35rxa6vSDckCJ6SUswTtQlR',
        'praUElInZc/014AwbhogK7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/UnolsaINED1Y1IjvpCzS5Eq6LY+/qNy/MdhlR2X+F8',
        'qp+6erRuGtsCChNfaW1wbGljaXRfb3JnX0gxTVNQEqECCiIKIGq58euPfTOI9PnVhvZumf1UCA3yxEbw5YZosJwIoW3QCigKIAFf',
        'fmvFrq9INyQInpJSzBO1CVGmtpQSUidlz/TXgDBuEgQICRACEkQKIAFffmvFrq9INyQInpJSzBO1CVGmtpQSUidlz/TXgDBuGiAr',
        'uA1Tex2j44vTA2GqhVaGveDqzXFi/vaiX+l79SeiWxIkCiAvUFLJ/RWxmhjFhNATY1aBmGE/DDToRAnveThwmhWewhABEiYKIJQJ',
        'HdZKIf/pQhS8bRfe60OHOlzy8KcbS1yqmlyBtpZ9EAEgARo9CiABX35rxa6vSDckCJ6SUswTtQlRpraUElInZc/014AwbhIZChRW',
        'QUxJREFUSU9OX1BBUkFNRVRFUhIBcBogbB9Eqnnt2mtkdxbmYcM4zaPXPO2PbbN0C9tlkpeybAQ=',
    ].join(''),
    'base64',
);

export const FABRIC_PRIVATE_RWSET = Buffer.from(
    [
        'Em0KBm1hcmtldBImChRfaW1wbGljaXRfb3JnX0RTT01TUBIOGgwKAmsyGgZzZWNyZXQSOwoTX2ltcGxpY2l0X29yZ19IMU1TUBIk',
        'GgwKAmsyGgZzZWNyZXQaBgoCazMQARoGCgJrNBABIgQKAmsy',
    ].join(''),
    'base64',
);

/** Previous hash is SHA-256 of the byte i (nothing for the first), data hash SHA-256 of i twice, i being the position. */
export const FABRIC_HEADERS: readonly { readonly number: number; readonly hex: string }[] = [
    {
        number: 0,
        hex: ['30270201000400042096a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7'].join(''),
    },
    {
        number: 1,
        hex: [
            '304702010104204bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a04209dcf97a184f32623d1',
            '1a73124ceb99a5709b083721e878a16d78f596718ba7b2',
        ].join(''),
    },
    {
        number: 127,
        hex: [
            '304702017f0420dbc1b4c900ffe48d575b5da5c638040125f65db0fe3e24494b76ea986457d986042050cff72c8e550546d6',
            '61ec235431888fb2f9f7bada40c17020d47f6ccc117aae',
        ].join(''),
    },
    {
        number: 128,
        hex: [
            '3048020200800420084fed08b978af4d7d196a7446a86b58009e636b611db16211b65a9aadff29c504208655173af1ec080d',
            'e2dae0c6d0a7a2da5ade8b2cf8117645da18b90aaefd0ee2',
        ].join(''),
    },
    {
        number: 255,
        hex: [
            '3048020200ff0420e52d9c508c502347344d8c07ad91cbd6068afc75ff6292f062a09ca381c89e710420b4cc09a903fa62a1',
            '67ff8ad0e48085c54509806d3d259a89c43d2d3d16da6eb0',
        ].join(''),
    },
    {
        number: 256,
        hex: [
            '3048020201000420e77b9a9ae9e30b0dbdb6f510a264ef9de781501d7b6b92ae89eb059c5ab743db04204a35ad75f928b236',
            '4bae7003666ba0abff28135cb574fb49eeed9e68a1c418e6',
        ].join(''),
    },
    {
        number: 300,
        hex: [
            '30480202012c042067586e98fad27da0b9968bc039a1ef34c939b9b8e523a8bef89d478608c5ecf6042053bd9133146631a2',
            'a2a89188f7d799e4ab85b473b7e927dd8b7782d91fe4ee0c',
        ].join(''),
    },
    {
        number: 65535,
        hex: [
            '3049020300ffff0420ca358758f6d27e6cf45272937977a748fd88391db679ceda7dc7bf1f005ee8790420c7b99f1c681eaa',
            'd2096f54c0380b8f950fa5cbe47cb3695ed590167c0dfff315',
        ].join(''),
    },
    {
        number: 2 ** 31,
        hex: [
            '304b020500800000000420beead77994cf573341ec17b58bbf7eb34d2711c993c1d976b128b3188dc1829a04200b57459772',
            'db2f3f6986a135824545af8690c536a865454c3c664767dc2b73f0',
        ].join(''),
    },
    {
        number: 2 ** 40 + 7,
        hex: [
            '304c020601000000000704202b4c342f5433ebe591a1da77e013d1b72475562d48578dca8b84bac6651c3cb9042031609426',
            '297325bdb28c86ab3ceeed4a3c438966733fd61b8aea00ee8b23b7bc',
        ].join(''),
    },
    {
        number: 2 ** 53 - 1,
        hex: [
            '304d02071fffffffffffff042001ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b042075a11d',
            'a44c802486bc6f65640aa48a730f0f684c5c07a42ba3cd1735eb3fb070',
        ].join(''),
    },
];
