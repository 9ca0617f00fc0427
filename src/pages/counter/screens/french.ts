// The texts of the screens beside the queue, in French. English has the same messages; the compiler compares them.

const units = (n: number): string => (n > 1 ? `${n} articles` : `${n} article`);

export const fr = {
  goodsHint: 'Scannez ou saisissez le numéro d’un transfert ou d’une livraison.',
  goodsNumber: 'Numéro du document',
  goodsOpen: 'Ouvrir',
  goodsNoNumber: (number: string) => `Rien à faire pour ${number} dans ce magasin.`,
  goodsNone: 'Rien à envoyer, à recevoir ou à compter.',
  goodsKinds: { SEND: 'À envoyer', RECEIVE: 'À recevoir', DELIVERY: 'Livraisons', COUNT: 'Comptages' },
  goodsPartner: {
    SEND: (name: string) => `Pour ${name}`,
    RECEIVE: (name: string) => `De ${name}`,
    DELIVERY: (name: string) => name,
    COUNT: (_name: string) => 'Comptage à l’aveugle',
  },
  goodsForOrder: (number: string) => `Attendu par la commande ${number}`,
  goodsAwaiting: 'Attend l’accord d’un responsable ; recomptez au besoin.',
  goodsBack: 'Retour aux marchandises',
  goodsScanned: (name: string, n: number, most: number) => `${name} : ${n} sur ${most}`,
  goodsTooMany: (name: string, n: number, most: number) => `${name} : ${n}, mais ${most} attendus.`,
  goodsCounted: (name: string, n: number) => `${name} : ${n}`,
  goodsOther: (name: string) => `C’est « ${name} », qui n’est pas dans ce document. Mettez-le de côté.`,
  goodsUnknownOffline: (code: string) => `Hors ligne, ${code} est inconnu. Mettez-le de côté.`,
  goodsMore: (name: string) => `Une unité de plus : ${name}`,
  goodsLess: (name: string) => `Une unité de moins : ${name}`,
  goodsUnits: (name: string) => `Unités : ${name}`,
  goodsToCount: 'pas encore compté',
  goodsCountHint: 'Comptez ce qui est en rayon, sans la zone de retrait. Le stock attendu n’est pas montré.',
  goodsCountOther: 'Un article qui n’est pas dans la liste s’ajoute en le scannant.',
  goodsAll: 'Tout est là',
  goodsDone: {
    SEND: 'Remettre au transporteur',
    RECEIVE: 'Enregistrer la réception',
    DELIVERY: 'Enregistrer la livraison',
    COUNT: 'Enregistrer le comptage',
  },
  goodsDiffers: 'Écarts',
  goodsDiffer: (name: string, units: number, expected: number) => `${name} : ${units} au lieu de ${expected}`,
  goodsDifferHint: {
    SEND: 'Un transfert part tel qu’il a été demandé. S’il manque des unités, ne l’envoyez pas : appelez le responsable.',
    RECEIVE:
      'Les unités qui manquent sont sorties du stock. Un grand écart attend l’accord d’un responsable.',
    DELIVERY: 'Ce qui manque reste attendu, sauf si vous clôturez la livraison.',
    COUNT: '',
  },
  goodsClose: 'Le reste ne viendra pas : clôturer',
  goodsConfirm: 'Confirmer malgré les écarts',
  goodsRecheck: 'Vérifier encore',
  goodsCount: 'Comptage',

  returnHint: 'Scannez le QR code de la commande, ou saisissez son numéro.',
  returnNumber: 'Numéro de commande',
  returnOpen: 'Chercher',
  returnUnknown: (number: string) =>
    `La commande ${number} est introuvable dans ce magasin. Vérifiez le numéro ; un autre magasin reprend ses propres commandes.`,
  returnNotCollected: (number: string) =>
    `La commande ${number} n’a pas été remise : il n’y a rien à reprendre. Annulez-la dans la file si le client y renonce.`,
  returnAll: 'Tout ce qui a été remis est déjà revenu.',
  returnCollected: (time: string) => `Remise ${time}`,
  returnFate: 'Que deviennent les articles scannés ensuite ?',
  returnFates: {
    RESTOCK: 'En rayon, comme neuf',
    QUARANTINE: 'À contrôler',
    RETURN_TO_VENDOR: 'Au fournisseur',
    SCRAP: 'À jeter',
  },
  returnable: (n: number) => `${n} à rendre au plus`,
  returnAdd: (name: string) => `Sans scan : reprendre ${name}`,
  returnRemove: (name: string, fate: string) => `Retirer ${name}, ${fate}`,
  returnTaken: (name: string, fate: string) => `${name} : ${fate}`,
  returnOtherArticle: (code: string) => `${code} ne fait pas partie de cette commande.`,
  returnCaseTooLarge: (name: string, units: number, left: number) =>
    `${name} : ce carton compte ${units} unités, ${left} seulement peuvent être rendues.`,
  returnNoMore: (name: string) => `${name} : il ne reste rien à rendre.`,
  returnConfirm: (n: number) => `Reprendre ${units(n)}`,
  returnDone: (number: string, n: number) => `${number} : ${units(n)} repris, le stock est à jour.`,
  returnOffline: 'Hors ligne, un retour est impossible : ce qui est déjà revenu n’est pas connu.',
  returnTooMany: (n: number) => `Trop d’unités : il en reste ${n} à rendre.`,
  returnClosed: (day: string) => `Le délai de retour a pris fin le ${day}.`,
  returnNever: 'Un de ces articles est vendu sans droit de retour.',
  returnBack: 'Autre commande',
};

export type ScreenMessages = typeof fr;
