// Threads between guests and the house, and their messages.
import type { Past } from './past.js';
import { hourMs, type MewsRecord } from './record.js';
import type { Random } from './random.js';
import { everyNth } from './writer.js';

const subjects = ['Arrival time', 'Parking', 'Breakfast hours', 'Lost scarf', 'Invoice', 'Quiet room', 'Anreise mit Hund', 'お部屋について'];
const questions = [
  'May we arrive at 23:00?', 'Is there a charger for the car?', 'Could we have a table at seven?', 'I left a blue scarf in the room.',
  'Please send the invoice again 🙏', 'Is the river side quiet at night?', 'Dürfen wir einen Hund mitbringen?', 'Thank you very much!',
];
const replies = ['Yes, gladly.', 'We have put it aside for you.', 'It is on its way.', 'The desk is open all night.', 'We have noted it with your booking.'];

export function fillMessages({ writer, random, visits }: Past): void {
  everyNth(visits, 5, 50).forEach(({ stay: { guest, createdMs } }, i) => {
    const sentMs = Array.from({ length: random.int(1, 6) }, (_, n) => Math.min(createdMs + (n + 1) * random.between(1, 9) * hourMs, writer.epochMs)).toSorted((x, y) => x - y);
    const [firstMs = createdMs] = sentMs;
    const sender = `${guest.firstName ?? ''} ${guest.lastName}`.trim();
    const threadId = writer.save('messageThreads', { OriginalSender: sender, Subject: subjects[i % subjects.length] ?? '', IsResolved: random.chance(0.7) }, [firstMs, sentMs.at(-1) ?? firstMs]);
    sentMs.forEach((atMs, n) => { writer.save('messages', messageOf(random, threadId, n % 2 === 0), [atMs, atMs], 'created'); });
  });
}

export function messageOf(random: Random, threadId: string, byGuest: boolean): MewsRecord {
  return { MessageThreadId: threadId, Text: random.pick(byGuest ? questions : replies), Sender: { Discriminator: byGuest ? 'Application' : 'Enterprise', Value: null } };
}
