-- The sides of a promise got the names that the API has for them.

update promises set side = case side when 'US' then 'COMPANY' else 'CUSTOMER' end where side in ('US', 'THEM');
