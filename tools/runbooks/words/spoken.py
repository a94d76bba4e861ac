"""How people say in plain or loose English what pages call by its name: `said said | what is meant`.

Written from the way operations are talked about, one turn a line, and held against no question of an evaluation. What
was said is taken as what is meant; the other English words of that come from the tables of concepts. A turn holds in
every form of its words, and `a_b` is a phrase. The other way round nothing holds: a page that says "down" is not looked
for by "went dark".
"""

from __future__ import annotations

SPOKEN = """
went_dark gone_dark gone_silent went_silent gone_quiet went_quiet radio_silence no_sign_of_life lights_out went_away |
  down
fell_over fallen_over falls_over keeled_over bit_the_dust gave_up_the_ghost belly_up kicked_the_bucket | down
dropped_off dropped_out fell_off fallen_off disappeared_from off_the_map off_the_grid | missing down
is_toast is_hosed bought_the_farm on_its_knees flat_on_its_face out_cold | down
cannot_be_reached can_not_be_reached cannot_reach can_not_reach cant_reach nobody_can_reach no_way_to_reach |
  unreachable
does_not_answer doesnt_answer not_answering no_answer no_response no_reply wont_respond not_responding
  stopped_responding does_not_pick_up doesnt_ping cannot_ping can_not_ping cant_ping not_pingable | unreachable down
taken_out knocked_out wiped_out blown_away | down
wont_start will_not_start cannot_start cant_start wont_boot will_not_boot wont_come_up will_not_come_up
  does_not_come_up doesnt_come_up not_coming_up fails_to_start refuses_to_start never_starts | start fail
come_back_up comes_back_up came_back_up coming_back_up back_on_its_feet bounce bounced bouncing power_cycle
  power_cycled turn_it_off_and_on | restart
keeps_crashing keeps_going_down keeps_falling_over keeps_coming_back dies_every dies_over_and_over goes_down_every
  falls_over_every up_and_down_like keeps_dying keeps_restarting | crash restart
keeps_rebooting restarts_all_the_time restarts_over_and_over restarts_every | restart crash
blew_up blows_up blowing_up fell_apart falls_apart falling_apart went_bang exploded_in blow_up | crash fail
died_on_us died_on_me conked_out packed_up gave_out went_south went_sideways went_wrong goes_wrong does_not_work |
  fail
went_red turned_red turns_red goes_red in_the_red shows_red all_red | fail
doesnt_work not_working wont_work stopped_working is_broken is_busted is_borked | fail
borked busted hosed wrecked bricked kaput botched screwed messed_up fubar bonked wonky | broken
flaky flakey hit_and_miss hit_or_miss on_and_off off_and_on comes_and_goes now_and_again every_now_and_then
  from_time_to_time once_in_a_while some_of_the_time every_so_often | intermittent flapping
cant_make_up_its_mind flip_flop flip_flops flip_flopping yo_yo bouncing_between back_and_forth | flapping
went_through_the_roof goes_through_the_roof going_through_the_roof gone_through_the_roof through_the_roof sky_high
  off_the_charts off_the_scale out_of_control way_up shot_through | high spike
way_too_much way_too_many far_too_many far_too_much tons_of loads_of heaps_of a_ton_of piles_of a_flood_of a_wave_of
  a_barrage_of a_bunch_of swarm_of way_more far_more a_lot_more many_more much_more | high
all_of_a_sudden out_of_the_blue out_of_nowhere from_one_minute_to_the_next overnight from_one_day_to_the_next | sudden
crept_up creeps_up creeping_up inching_up edged_up ticking_up going_up_and_up keeps_climbing keeps_growing
  keeps_rising keeps_going_up longer_and_longer more_and_more bigger_and_bigger higher_and_higher | increase growing
went_down_the_drain tanked tanking cratered nosedived nose_dive fell_off_a_cliff dropped_like_a_stone took_a_dive
  fell_through_the_floor went_down_a_lot less_and_less fewer_and_fewer lower_and_lower | drop
hardly_anything barely_any next_to_nothing next_to_no almost_none almost_nothing not_many not_much hardly_any | low
dried_up ran_dry run_dry trickled_to_a_stop slowed_to_a_trickle nothing_coming_in no_more_coming_in | missing low
pegged redlining redlined maxed flat_out tapped_out pinned_at working_overtime going_full_tilt under_the_gun
  running_at_a_hundred at_a_hundred_percent running_hot | saturated high
melting melting_down on_fire in_flames going_up_in_smoke burning_up | overloaded
choking choked choke hammered hammering slammed swamped snowed_under under_water bogged_down brought_to_its_knees
  buckling struggling cant_cope cannot_cope can_not_cope not_coping too_much_for | overloaded
cant_keep_up cannot_keep_up can_not_keep_up could_not_keep_up not_keeping_up unable_to_keep_up losing_ground
  fell_behind behind_schedule falling_behind falls_behind never_catches_up | lag behind
piles_up stacking_up stacks_up building_up builds_up backed_up backing_up mounting_up keep_piling piling_up pile_up |
  backlog queue
waits_in_line wait_in_line waiting_in_line in_the_line stands_in_line sits_waiting | queue waiting
sits_there sit_there sitting_there just_sits nothing_happens nothing_is_happening does_nothing not_moving
  going_nowhere gets_nowhere doesnt_budge not_budging wedged jammed gummed_up tied_up held_up dead_in_the_water
  never_ends never_finishes never_ending never_completes wont_finish not_finishing | stuck
spinning_its_wheels going_round_in_circles over_and_over round_and_round endless | loop
took_forever took_ages takes_an_age takes_an_eternity takes_so_long takes_too_long took_too_long took_longer
  taking_longer longer_than_usual at_a_snails_pace at_a_crawl slow_as_molasses dragging_its_feet laggy takes_forever
  takes_ages taking_too_long takes_longer | slow latency
slowed_down slows_down slowing_down got_slow gets_slow gotten_slow drags_us_down dragging_us_down holding_us_up | slow
  latency
gave_up_waiting tired_of_waiting runs_out_the_clock ran_out_of_time timing_out times_out timed_out | timeout
worst_case_response tail_end long_tail | latency p99
ran_out nothing_left none_left no_more_left all_gone all_used_up eaten_up bone_dry running_out runs_out used_up |
  exhausted
about_to_run_out nearly_out almost_out running_low getting_low runs_low getting_close not_much_left nearly_full
  almost_full filling_up fills_up | near full
no_space no_place_left chock_full jam_packed full_to_the_brim stuffed bursting cannot_write_any_more
  cant_write_any_more no_room | full space
takes_up eats_up eating_up chewing_up chewing_through burning_through gobbling gobbling_up guzzling eats_all
  eating_all takes_all_the hogging hogs hogged | usage high consume
somebody_elses someone_elses other_peoples shares_the_box on_the_same_box | other tenant neighbour
cannot_log_in cant_log_in can_not_log_in locked_out kicked_out not_let_in wont_let_me_in wont_let_us_in | login denied
  authentication
wont_let_me wont_let_us not_allowed wont_allow_me does_not_let_me will_not_let | refused denied
says_no saying_no said_no turning_down turned_away turning_away sent_away bounced_back knocked_back shot_down
  thrown_back turned_down turns_down turns_away turn_away | declined refused reject
did_not_go_through does_not_go_through do_not_go_through dont_go_through doesnt_go_through not_going_through
  stopped_going_through fail_to_go_through wont_go_through | declined fail
cannot_pay cant_pay can_not_pay unable_to_pay no_one_can_pay cannot_buy cant_buy | payment fail
slow_down_please too_often too_fast pushing_too_hard sends_too_much send_too_much asks_too_often | rate_limit
  throttled
cut_us_off cutting_us_off shut_us_off blocked_us pulled_the_plug | blocked limit
reached_the_end_of hit_the_wall hits_the_wall hit_the_ceiling at_the_ceiling cannot_go_any_higher | limit maximum
over_the_line over_the_top past_the_line above_the_line went_past | above exceeded
ran_out_yesterday no_longer_good past_its_date past_its_sell_by has_lapsed nobody_renewed not_renewed forgot_to_renew
  forgotten_to_renew | expired
not_secure not_trusted not_private your_connection_is_not self_signed bad_cert padlock | certificate tls
pushed_out put_out shipped shipping went_out goes_out gone_out went_live gone_live landed_in_production hit_production
  new_build fresh_build last_push rolled_out put_live | deployment release
go_back_to went_back_to get_back_to put_back_the put_the_old take_it_back pull_it back_out_of reverse_it | rollback
touched changed_the fiddled_with tinkered_with played_with messed_with tweaked tweak twiddled edited_by_hand
  changed_by_hand who_changed | changed configuration
nobody_changed no_one_changed nothing_changed nothing_was_changed nobody_touched no_one_touched nobody_shipped
  nothing_was_shipped no_one_shipped did_not_deploy nothing_was_deployed there_was_no_deploy | without release
who_moved somebody_moved someone_moved no_idea_who behind_our_back without_telling on_the_sly not_through_the_usual |
  changed unrecorded
made_up bogus nonsense garbage gibberish rubbish junk weird_values silly_values total_nonsense | invalid wrong
looks_odd looks_off looks_strange looks_weird looks_funny seems_off smells_fishy fishy not_right something_is_off
  out_of_whack out_of_kilter | anomaly unusual
does_not_look_like doesnt_look_like looks_different not_the_way_it_was different_from_before other_than_before
  moved_away_from has_wandered | drift shift
do_not_agree dont_agree not_the_same are_not_equal does_not_match doesnt_match do_not_match dont_match do_not_add_up
  does_not_add_up doesnt_add_up does_not_line_up not_in_line tell_different_stories two_answers off_by | mismatch
  differ
come_back_blank comes_back_blank came_back_empty comes_back_empty come_back_empty not_filled_in left_blank nans nan |
  null missing
not_updated not_refreshed has_not_refreshed days_old hours_old last_weeks from_yesterday from_last_week frozen_in_time
  hasnt_moved_since stopped_updating | stale old
should_have_arrived should_have_finished was_due did_not_arrive did_not_land has_not_arrived has_not_landed not_in_yet
  still_not_there not_there_yet did_not_show_up never_showed_up never_arrived never_landed | late overdue
a_no_show did_not_run never_ran has_not_run not_kicked_off never_kicked_off was_skipped skipped_its_turn | missing run
tonights nightly every_night | daily batch
cannot_read cant_read can_not_read unable_to_read cannot_make_sense chokes_on trips_over stumbles_over cannot_digest
  cannot_understand does_not_understand | parse error
threw_out throws_out thrown_out throws_away threw_away tossed left_out weeded_out | discarded dropped
lost_along_the_way got_lost gets_lost went_missing goes_missing never_made_it never_makes_it | lost
twice_over two_of_each doubled_up more_than_once charged_twice billed_twice counted_twice | duplicate
nobody_at_the_wheel nobody_in_charge no_one_in_charge leaderless headless without_a_leader no_boss | leader missing
two_heads two_masters two_leaders both_think both_believe | split leader
out_of_step out_of_line fell_out_of_step | out_of_sync lag
pulling_its_weight picked_up_the_slack took_over takes_over stepped_in | failover
a_spare nothing_to_fall_back no_fallback no_backup hanging_by_a_thread one_away_from | redundancy
dropped_on_the_floor bits_lost bad_line crackling bad_cable dodgy_cable patchy | packet loss network
cannot_find_the_name does_not_know_the_name name_not_found cannot_look_up cannot_resolve | dns
too_hot overheats overheated sweating boiling fans_are_screaming running_warm cooks cooking | temperature throttling
ticks_slower clocked_down underclocked | throttling clocks
ran_out_of_memory out_of_ram ate_all_the_memory eats_all_the_memory leaks leaking no_memory_left | memory oom
graphics_memory graphics_processor video_card graphics_card | gpu
fell_off_the_network lost_touch lost_contact out_of_touch | unreachable
what_it_costs how_much_we_pay what_we_pay we_pay bill bills price_tag cost_a_fortune expensive pricey blew_the_budget
  broke_the_bank burning_money | cost spend
pocket_money pot_is_empty allowance allotment kitty ran_out_of_money no_money_left | budget
paid_for_by_our_plan our_plan_includes our_contract_includes plan_includes contract_includes | quota contract
wakes_us_up woke_me_up woken_up beeper pager_went_off going_off paging_us | alert
for_no_reason false_positive cried_wolf crying_wolf | alert false
nobody_was_told no_one_was_told nobody_got_the got_no_message no_page_came | notification fail
nobody_approves no_one_approves waits_for_a_yes waits_for_an_ok wait_for_a_yes waiting_for_a_human nobody_signs
  waiting_for_a_person needs_a_thumbs_up thumbs_up sign_off_on go_ahead_from | approval pending
keeps_a_record paper_trail | record ledger
blacked_out blanked_out starred_out greyed_out cut_out_of_the masked_out hidden_from_view | redaction withheld
how_risky riskier riskiness | score risk
cutoff cut_off_point dividing_line where_we_draw | threshold
sign_ups signups walk_away go_elsewhere complain_that angry_customers | customer
what_goes_in what_goes_into what_we_feed what_it_is_fed what_it_gets_fed | input feature
what_comes_out what_it_says what_it_spits_out what_it_answers | output prediction score
only_listening in_the_background silent_run dry_run along_for_the_ride | shadow
the_guinea_pig guinea_pig trial_run test_balloon a_few_percent small_share_of_users part_of_the_users
  some_of_the_users the_new_one_next_to | canary
in_charge_of_scoring in_production_now the_one_in_use the_live_one | champion production
everywhere_else all_other_countries in_one_place in_a_single_place only_there | country single
on_the_other_end the_other_side the_other_party someone_we_depend_on we_rely_on we_depend_on that_we_call we_call
  downstream_of_us it_calls | dependency upstream
the_ones_who_send whoever_sends who_writes_the the_sender sending_side writing_side | producer upstream
the_ones_who_read whoever_reads reading_side receiving_end | consumer
somebody_left someone_left forgot_to_close left_open left_running left_hanging | open idle
in_each_others_way waiting_on_each_other wait_for_each_other blocking_everybody | lock deadlock
hard_drive hard_disk platter spindle | disk
the_box boxes | host
the_books the_ledgers | ledger
the_wire the_pipe | network
the_bot bots chatbot copilot | agent
the_web_site website web_page homepage landing_page storefront | web service
who_are_we_calling who_owns whose_is_it who_is_responsible | owner
sped_up faster_than snappier | fast
read_only_mode cannot_be_written cant_be_written no_writes | read_only
thrown_off kicked_off_the moved_off pushed_off_the chucked_out booted_off shoved_off | evicted
no_machine_for no_place_for nowhere_to_run nowhere_to_put does_not_fit_anywhere finds_no_home no_takers |
  unschedulable pending
too_few_copies fewer_copies not_enough_copies not_enough_of_them missing_copies short_of_copies | replica mismatch
wrong_place wrong_machine should_not_be_there not_supposed_to_be | misscheduled
clock_is_off wrong_time time_is_off clocks_disagree watch_is_wrong | clock skew
did_not_take did_not_stick has_no_effect not_picked_up not_applied did_not_apply | configuration reload fail
unplugged pulled_out cable_is_out link_is_out | link down
mangled garbled scrambled bit_rot damaged_goods | corrupt
""".strip()
