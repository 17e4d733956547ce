import { GrowthBookClient } from '@growthbook/growthbook';
import * as optimizely from '@optimizely/optimizely-sdk';
import { InMemStorageProvider, initialize } from 'unleash-client';

/** The same four-arm experiment, 25 % each, all users in, no network and no event sending, decided by each SDK. */
const ARMS = ['a', 'b', 'c', 'd'];

export const peers = {
  async growthbook() {
    const client = new GrowthBookClient().initSync({
      payload: {
        features: {
          ranking: {
            defaultValue: 'a',
            rules: [{ key: 'ranking', variations: ARMS, weights: [0.25, 0.25, 0.25, 0.25], hashVersion: 2 }],
          },
        },
      },
    });
    return { decide: (id) => client.getFeatureValue('ranking', 'none', { attributes: { id } }), close() {} };
  },

  async optimizely() {
    const variations = ARMS.map((key, i) => ({ id: `v${i}`, key, featureEnabled: true, variables: [] }));
    const datafile = {
      version: '4',
      accountId: '1',
      projectId: '1',
      revision: '1',
      anonymizeIP: true,
      botFiltering: false,
      attributes: [],
      audiences: [],
      typedAudiences: [],
      groups: [],
      events: [],
      variables: [],
      rollouts: [{ id: 'r1', experiments: [] }],
      featureFlags: [{ id: 'f1', key: 'ranking', rolloutId: 'r1', experimentIds: ['e1'], variables: [] }],
      experiments: [
        {
          id: 'e1',
          key: 'ranking',
          status: 'Running',
          layerId: 'l1',
          audienceIds: [],
          forcedVariations: {},
          variations,
          trafficAllocation: ARMS.map((_, i) => ({ entityId: `v${i}`, endOfRange: 2500 * (i + 1) })),
        },
      ],
    };
    const client = optimizely.createInstance({
      projectConfigManager: optimizely.createStaticProjectConfigManager({
        datafile: JSON.stringify(datafile),
      }),
    });
    await client.onReady({ timeout: 1000 });
    const quiet = [optimizely.OptimizelyDecideOption.DISABLE_DECISION_EVENT];
    return {
      decide: (id) => client.createUserContext(id).decide('ranking', quiet).variationKey,
      close: () => client.close(),
    };
  },

  async unleash() {
    const client = initialize({
      appName: 'bench',
      url: 'http://127.0.0.1:9/',
      refreshInterval: 0,
      disableMetrics: true,
      skipInstanceCountWarning: true,
      storageProvider: new InMemStorageProvider(),
      bootstrap: {
        data: [
          {
            name: 'ranking',
            type: 'experiment',
            enabled: true,
            impressionData: false,
            strategies: [
              {
                name: 'flexibleRollout',
                parameters: { rollout: '100', stickiness: 'userId', groupId: 'ranking' },
                constraints: [],
                variants: ARMS.map((name) => ({
                  name,
                  weight: 250,
                  weightType: 'fix',
                  stickiness: 'userId',
                })),
              },
            ],
            variants: [],
          },
        ],
      },
    });
    client.on('error', () => {});
    await new Promise((resolve) => client.on('ready', resolve));
    return {
      decide: (id) => client.getVariant('ranking', { userId: id }).name,
      close: () => client.destroy(),
    };
  },
};
