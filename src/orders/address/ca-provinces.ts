import { regionTable } from './regions.ts';

/** Canada Post addressing guidelines, province and territory symbols; names in English and French. */
export const CA_PROVINCES = regionTable([
  ['AB', 'Alberta'],
  ['BC', 'British Columbia', 'Colombie-Britannique'],
  ['MB', 'Manitoba'],
  ['NB', 'New Brunswick', 'Nouveau-Brunswick'],
  [
    'NL',
    'Newfoundland and Labrador',
    'Newfoundland & Labrador',
    'Newfoundland',
    'Labrador',
    'Terre-Neuve-et-Labrador',
  ],
  ['NS', 'Nova Scotia', 'Nouvelle-Écosse'],
  ['NT', 'Northwest Territories', 'Territoires du Nord-Ouest'],
  ['NU', 'Nunavut'],
  ['ON', 'Ontario'],
  ['PE', 'Prince Edward Island', 'Île-du-Prince-Édouard', 'PEI'],
  ['QC', 'Quebec', 'Québec', 'PQ'],
  ['SK', 'Saskatchewan'],
  ['YT', 'Yukon', 'Yukon Territory', 'Territoire du Yukon'],
]);
