import { choice, share } from '../model/field.ts';

/** On which connections of a link a fault of streams works, and which way. */
export const whichStreams = {
  direction: choice(['upstream', 'downstream', 'both'])({
    description: '`upstream`: what the client sends to the server. `downstream`: what the server sends to the client.',
    default: 'downstream',
  }),
  share: share({
    description: 'The share of connections that it works on; which ones is drawn, the same way in every run.',
    default: '100%',
    examples: ['30%'],
  }),
};
