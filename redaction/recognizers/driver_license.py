"""Numbers of driving licences, under their keys in the languages of the markets; their shapes say too little."""

from __future__ import annotations

from ..evidence.documents import document

DRIVER_LICENSE = document(
    "DRIVER_LICENSE",
    keys=(
        "driver_license driver_licence drivers_license drivers_licence driver_license_number driver_license_no "
        "driver_licence_number drivers_license_number drivers_licence_number driving_license driving_licence "
        "driving_license_number driving_licence_number driving_licence_no dl_number dl_no driver_lic licence_conduire "
        "carteira_motorista carteira_de_motorista numero_cnh carta_de_conducao carta_de_condução licencia_conducir "
        "licencia_de_conducir licencia_conduccion licencia_de_conduccion numero_licencia brevete permiso_conducir "
        "permiso_de_conducir permis_conduire permis_de_conduire numero_permis ehliyet ehliyet_no ehliyet_numarasi "
        "surucu_belgesi sürücü_belgesi nomor_sim no_sim_pengemudi lesen_memandu gplx so_gplx giay_phep_lai_xe "
        "führerschein führerscheinnummer fuhrerschein rijbewijs rijbewijsnummer patente patente_guida prawo_jazdy "
        "رخصة_القيادة 驾驶证号 運転免許証番号 водительское_удостоверение leseni_ya_udereva"
    ),
    length=(5, 20),
    digits=4,
    score=0.7,
    unless="expiry expires country issuer issued date type class",
)
