import { createFileRoute } from '@tanstack/react-router';
import { contact } from '@/api/queries/contacts';
import { ContactPage } from '@/features/contacts/ContactPage';

export const Route = createFileRoute('/_app/contacts/$contactId')({
  loader: ({ context, params }) => void context.queryClient.prefetchQuery(contact(params.contactId)),
  component: function Contact() {
    return <ContactPage contactId={Route.useParams().contactId} />;
  },
});
