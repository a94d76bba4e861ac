"""Plates and chassis numbers of vehicles, under their keys: both lead to the owner."""

from __future__ import annotations

from dataclasses import replace

from ..evidence.documents import document

_PLATES = document(
    "VEHICLE_REGISTRATION",
    keys=(
        "license_plate licence_plate licenseplate number_plate plate_number plate_no plate vehicle_plate car_plate "
        "vehicle_registration vehicle_registration_number vehicle_number vehicle_no registration_plate reg_plate "
        "placa placa_veiculo placa_do_veiculo placa_vehiculo numero_placa nro_placa patente_vehiculo dominio_vehiculo "
        "renavam matricula_vehiculo matricula_veiculo plaque_immatriculation immatriculation numero_immatriculation "
        "plaka plaka_no arac_plakasi plat_nomor nomor_polisi no_polisi nopol no_plat nombor_plat bien_so bien_so_xe "
        "biển_số ทะเบียนรถ 车牌 车牌号 車両番号 رقم_اللوحة kennzeichen kenteken targa номер_авто"
    ),
    length=(4, 11),
    digits=1,
    score=0.65,
    unless="disk server board dell power base",
    name="vehicle",
)
# ISO 3779: 17 letters and digits; older ones are shorter. `vin` with less is a voltage.
_CHASSIS = document(
    "VEHICLE_REGISTRATION",
    keys=(
        "vin vin_number vin_no vehicle_identification_number chassis chassis_number chassis_no numero_chassi "
        "numero_chasis numero_de_chassi numero_serie_vehiculo"
    ),
    length=(11, 17),
    digits=4,
    score=0.7,
)

VEHICLE = replace(_PLATES, rules=(*_PLATES.rules, *_CHASSIS.rules))
