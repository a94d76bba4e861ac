"""Names in forms, tables and interfaces of the Americas that identifiers of several countries share."""

from __future__ import annotations

DOCUMENT_KEYS = (
    "documento documento_cliente documento_titular documento_identidad documento_de_identidad documento_identidade "
    "documento_numero documento_number numero_documento nro_documento num_documento nro_doc num_doc numero_doc "
    "doc_number doc_no document_number document_no identificacion identificación identificacao identificação "
    "numero_identificacion nro_identificacion num_identificacion identificacion_cliente identification_number "
    "identification id_number national_id national_id_number personal_id government_id customer_document "
    "payer_document payee_document holder_document id_document identity_number identity_document legal_id"
)
# Names that documents in a store have as well: there only what passes a check is taken.
CHECKED_DOCUMENT_KEYS = f"document document_id doc registration_id {DOCUMENT_KEYS}"
TAX_KEYS = (
    "tax_id taxid tax_number tax_no taxpayer_id taxpayer_number tax_identification_number tin vat_id vat_number "
    "fiscal_id id_fiscal identificacion_fiscal identificación_fiscal documento_fiscal numero_fiscal registro_fiscal "
    "id_tributario identificacion_tributaria identificación_tributaria numero_identificacion_tributaria "
    "merchant_document merchant_tax_id company_tax_id stcd1 stcd2"  # SAP's two tax numbers
)
ACCOUNT_KEYS = (
    "cuenta numero_cuenta nro_cuenta num_cuenta cuenta_bancaria cuenta_destino cuenta_origen cuenta_beneficiario "
    "cuenta_clabe cuenta_interbancaria account account_number account_no bank_account beneficiary_account "
    "destination_account creditor_account debtor_account payout_account"
)
CEDULA_KEYS = (
    "cedula cédula nro_cedula num_cedula numero_cedula numero_cédula no_cedula cedula_identidad cedula_de_identidad "
    "cédula_de_identidad cedula_ciudadania cedula_de_ciudadania cédula_de_ciudadanía cedula_cliente cedula_titular "
    "cedula_number"
)
DNI_KEYS = (
    "dni nro_dni num_dni numero_dni no_dni dni_numero dni_number dni_cliente dni_titular "
    "documento_nacional_identidad documento_nacional_de_identidad"
)
