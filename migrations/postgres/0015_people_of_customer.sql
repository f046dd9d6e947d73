-- The people of a customer, each once: what contact_count and decision_maker_count count. Without this index, SQLite
-- takes the order of contacts from affiliations_by_contact and walks through all affiliations of the tenant.

create index affiliations_by_customer_and_contact on affiliations (tenant_id, customer, contact);
