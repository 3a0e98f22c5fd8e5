// Invented hotels, chains, towns, guests and companies. Every name is made up; every mail address is in example.com.
export interface Country { code: string; currency: string; language: string; taxCode: string; taxRate: number; pricing: 'Gross' | 'Net'; phone: string }
export interface HotelPlan { name: string; shortName: string; chain: number; city: string; country: string; timeZone: string; postalCode: string; latitude: number; longitude: number; ageDays: number; rooms: number; reservations: number }

export const countries: { readonly [code: string]: Country } = {
  DE: { code: 'DE', currency: 'EUR', language: 'de-DE', taxCode: 'DE-R', taxRate: 0.07, pricing: 'Gross', phone: '+49' },
  SE: { code: 'SE', currency: 'SEK', language: 'sv-SE', taxCode: 'SE-R', taxRate: 0.12, pricing: 'Gross', phone: '+46' },
  GB: { code: 'GB', currency: 'GBP', language: 'en-GB', taxCode: 'UK-S', taxRate: 0.2, pricing: 'Gross', phone: '+44' },
  JP: { code: 'JP', currency: 'JPY', language: 'ja-JP', taxCode: 'JP-S', taxRate: 0.1, pricing: 'Gross', phone: '+81' },
  US: { code: 'US', currency: 'USD', language: 'en-US', taxCode: 'US-S', taxRate: 0.125, pricing: 'Net', phone: '+1' },
  PT: { code: 'PT', currency: 'EUR', language: 'pt-PT', taxCode: 'PT-R', taxRate: 0.06, pricing: 'Gross', phone: '+351' },
  CZ: { code: 'CZ', currency: 'CZK', language: 'cs-CZ', taxCode: 'CZ-R', taxRate: 0.12, pricing: 'Gross', phone: '+420' },
  AU: { code: 'AU', currency: 'AUD', language: 'en-AU', taxCode: 'AU-S', taxRate: 0.1, pricing: 'Gross', phone: '+61' },
};

export const chains: readonly string[] = ['Nordlicht Häuser', 'Harbour & Pine', 'Kumo Stays', 'Casas do Farol', 'Blue Heron Lodging'];

/** The first four have tokens of their own, the first two in one chain; the other five, in two chains, share a portfolio token. */
export const hotels: readonly HotelPlan[] = [
  { name: 'Hotel Nordlicht Lübeck', shortName: 'NL Lübeck', chain: 0, city: 'Lübeck', country: 'DE', timeZone: 'Europe/Berlin', postalCode: '23552', latitude: 53.8655, longitude: 10.6866, ageDays: 2180, rooms: 48, reservations: 1400 },
  { name: 'Nordlicht Södermalm', shortName: 'NL Söder', chain: 0, city: 'Stockholm', country: 'SE', timeZone: 'Europe/Stockholm', postalCode: '118 26', latitude: 59.3142, longitude: 18.0736, ageDays: 95, rooms: 24, reservations: 320 },
  { name: 'Harbour & Pine Whitby', shortName: 'HP Whitby', chain: 1, city: 'Whitby', country: 'GB', timeZone: 'Europe/London', postalCode: 'YO21 1DN', latitude: 54.4863, longitude: -0.6133, ageDays: 820, rooms: 32, reservations: 700 },
  { name: '雲の宿 Kanazawa', shortName: 'Kumo KNZ', chain: 2, city: 'Kanazawa', country: 'JP', timeZone: 'Asia/Tokyo', postalCode: '920-0853', latitude: 36.5781, longitude: 136.6478, ageDays: 1310, rooms: 28, reservations: 900 },
  { name: 'Farol da Ribeira', shortName: 'Farol Porto', chain: 3, city: 'Porto', country: 'PT', timeZone: 'Europe/Lisbon', postalCode: '4050-513', latitude: 41.1408, longitude: -8.6132, ageDays: 1990, rooms: 40, reservations: 1200 },
  { name: 'Farol das Furnas', shortName: 'Farol Açor', chain: 3, city: 'Furnas', country: 'PT', timeZone: 'Atlantic/Azores', postalCode: '9675-022', latitude: 37.7717, longitude: -25.3104, ageDays: 180, rooms: 18, reservations: 350 },
  { name: 'Maják Malá Strana', shortName: 'Maják PRG', chain: 3, city: 'Praha', country: 'CZ', timeZone: 'Europe/Prague', postalCode: '118 00', latitude: 50.0878, longitude: 14.4034, ageDays: 640, rooms: 30, reservations: 650 },
  { name: 'Blue Heron Taos', shortName: 'BH Taos', chain: 4, city: 'Taos', country: 'US', timeZone: 'America/Denver', postalCode: '87571', latitude: 36.4072, longitude: -105.5731, ageDays: 1520, rooms: 36, reservations: 800 },
  { name: 'Blue Heron Hobart', shortName: 'BH Hobart', chain: 4, city: 'Hobart', country: 'AU', timeZone: 'Australia/Hobart', postalCode: '7000', latitude: -42.8821, longitude: 147.3272, ageDays: 410, rooms: 26, reservations: 480 },
];

export const firstNames: readonly string[] = ['Amélie', 'Björn', 'Chiara', 'Dvořák', 'Éanna', 'Fatima', 'Göran', 'Håkon', 'Ines', 'João', 'Katarzyna', 'Łukasz', 'Mei', 'Niamh', 'Ólafur', 'Priya', 'Quentin', 'Ramón', 'Søren', 'Tomáš', 'Ulrike', 'Violeta', 'Wanjiru', 'Xiomara', 'Yūki', 'Zoë', '蓮', '陽葵', 'Олена', 'Γιώργος', 'عمر', 'Nguyễn'];
export const lastNames: readonly string[] = ['Almeida', 'Bergström', "O'Brannagh", 'Černá', 'De la Cruz-Ibáñez', 'Eriksen', 'Fürstenberg', 'Gonçalves', 'Håland', 'Ivanović', 'Jørgensen', 'Kowalczyk', 'Lindqvist', 'Müller', 'Nováková', 'Østergaard', 'Papadopoulos', 'Quiñones', 'Rașca', 'Schäfer', 'Szczepański', 'Tanaka', 'Ünal', 'Van den Berg', 'Wójcik', 'Yılmaz', 'Żak', '佐藤', '鈴木', 'Коваленко', 'Smith', 'Okafor'];
export const companyNames: readonly string[] = ['Aldebaran Logistik', 'Brückner & Söhne', 'Cimarron Events', 'Delfín Viajes', 'Eikenhorst Travel', 'Fjordline Meetings', 'Grünspan Design', 'Hashi Trading', 'Iris Médical', 'Juniper Analytics', 'Kestrel Aerospace', 'Lumière Films', 'Møller Shipping', 'Nimbus Software', 'Orchid Tours', 'Polaris Consulting', 'Quay Street Law', 'Redwood Institute', 'Saga Reisen', 'Tansy Foods'];
export const streets: readonly string[] = ['An der Mühle', 'Brunnsgatan', 'Church Lane', 'Rua do Sol', 'Na Kampě', 'Mesa Road', 'Battery Point', '片町', 'Lärchenweg', 'Cable Street'];
export const wishes: readonly string[] = ['Late arrival, after 22:00', 'Quiet room, please 🙏', 'Cot for the little one', 'Allergic to feathers', 'Anreise mit Hund', 'Vegetarian breakfast\nfor two', 'High floor "if possible"', 'Näköala merelle'];

/** What a euro buys. */
export const perEuro: { readonly [currency: string]: number } = { EUR: 1, USD: 1.1, GBP: 0.85, CZK: 25, SEK: 11.2, JPY: 160, AUD: 1.65, CHF: 0.95 };
