"""The planted faults: at least one for each promise."""

from __future__ import annotations

from .mutant import Mutant

SEALED = "tests/store/memory/test_sealed.py"
MEMORY = "tests/store/memory/test_memory.py"
EPOCHS = "tests/core/crypto/test_epochs.py"
BROADCAST = "tests/stream/test_broadcast.py"
REQUESTS = "tests/web/test_requests.py"
PACE = "tests/core/room/test_pace.py"
LIVE = "tests/stream/test_live.py"
REGISTRY = "tests/stream/test_registry.py"
CONSTANT_RATE = "tests/stream/test_constant_rate.py"
LOCKDOWN = "tests/sandbox/test_lockdown.py"
HAND_OVER = "tests/process/test_hand_over.py"
RELEASE = "tests/process/test_no_references.py"
TIMEOUTS = "tests/process/test_timeouts.py"
DEFENCES = "tests/onion/test_defences.py"
BRIDGE_PLAN = "tests/onion/bridges/test_plan.py"
ADMISSION = "tests/supervisor/test_admission.py"
CLOSED = "tests/web/test_closing.py"
ASKED = "tests/web/test_nudge.py"
REACHABILITY = "tests/supervisor/test_reachability.py"

SEALING = (
    Mutant(
        "Messages are sealed in the store.",
        "server/core/room/keys.py",
        "return epoch, key.seal(self._position(epoch, seq, sender), message.to_bytes())",
        "return epoch, message.to_bytes()",
        f"{SEALED}::test_copy_of_the_store_opens_nothing_without_a_cookie",
    ),
    Mutant(
        "The title of a private room is sealed.",
        "server/core/crypto/seal.py",
        "return _seal_to(public_key, _pad(title.encode()))",
        "return title.encode()",
        f"{SEALED}::test_copy_of_the_store_opens_nothing_without_a_cookie",
    ),
    Mutant(
        "The store keeps no epoch key in the clear.",
        "server/core/crypto/epochs.py",
        "        self._members_without_box = moved\n\n    def excess_epoch(",
        "        self._generations[-1].newest_link_key = change.key._raw\n"
        "        self._members_without_box = moved\n\n    def excess_epoch(",
        f"{SEALED}::test_copy_of_the_store_opens_nothing_without_a_cookie",
    ),
    Mutant(
        "The store does not keep the secret of a cookie.",
        "server/core/ids.py",
        "return PublicIdentity(self.handle, self.keyring.public_key)",
        "return PublicIdentity(self.handle, PublicKey(self._raw))",
        f"{MEMORY}::test_store_keeps_no_secret",
    ),
    Mutant(
        "A new member cannot open the keys of earlier epochs.",
        "server/core/crypto/epochs.py",
        "if found is None or found[0] > epoch:",
        "if found is None:",
        f"{EPOCHS}::TestAccessAgreesWithMembership",
    ),
    Mutant(
        "A new epoch begins when a member joins.",
        "server/core/crypto/epochs.py",
        "return EpochChange(current) if self._members_without_box else None",
        "return None",
        f"{EPOCHS}::test_newcomer_cannot_open_earlier_epochs",
    ),
    Mutant(
        "The key boxes of a member who leaves are deleted.",
        "server/core/crypto/epochs.py",
        "had_box = generation.boxes.pop(member, None) is not None",
        "had_box = member in generation.boxes",
        f"{EPOCHS}::test_boxes_of_a_leaver_are_deleted_in_every_generation",
    ),
    Mutant(
        "A member who left cannot derive the keys of later epochs.",
        "server/core/crypto/epochs.py",
        "return self._member_left and now_s - current.started_s >= self._renewal_s",
        "return False",
        f"{SEALED}::test_former_member_opens_only_messages_of_their_stay",
    ),
    Mutant(
        "A public room changes its key one minute after a member left.",
        "server/store/memory/public_rooms.py",
        "renewal_s=PUBLIC_RENEWAL_S,",
        "renewal_s=10 * PUBLIC_RENEWAL_S,",
        f"{SEALED}::test_public_room_changes_keys_a_minute_after_a_leave",
    ),
    Mutant(
        "Keys are deleted together with the last message that needs them.",
        "server/core/crypto/epochs.py",
        "self._generations[:-1] = [kept for kept in self._generations[:-1] if kept.messages]",
        "pass",
        f"{EPOCHS}::test_boxes_are_kept_until_the_last_message_of_their_generation",
    ),
    Mutant(
        "Nothing of a conversation is left when its last member has left.",
        "server/store/memory/tables.py",
        "            self._rooms.discard(seat.room)\n",
        "",
        f"{MEMORY}::test_forgotten_conversation_is_unreachable_from_the_store",
    ),
    Mutant(
        "A sealed entry opens only at its own position.",
        "server/core/crypto/associated_data.py",
        'numbers = struct.pack(">QQQ", self.epoch, self.seq, self.sender)',
        'numbers = struct.pack(">QQQ", self.epoch, 0, self.sender)',
        f"{SEALED}::test_entry_opens_only_at_its_own_position",
    ),
    Mutant(
        "A sealed entry opens only under its own sender.",
        "server/core/crypto/associated_data.py",
        'numbers = struct.pack(">QQQ", self.epoch, self.seq, self.sender)',
        'numbers = struct.pack(">QQQ", self.epoch, self.seq, 0)',
        f"{SEALED}::test_entry_opens_only_at_its_own_position",
    ),
    Mutant(
        "A sealed entry opens only in its own conversation.",
        "server/core/crypto/associated_data.py",
        "return LABEL_MESSAGE + self.conversation + numbers + self.kind.encode()",
        "return LABEL_MESSAGE + numbers + self.kind.encode()",
        "tests/core/crypto/test_seal.py::test_message_opens_at_no_other_position",
    ),
    Mutant(
        "Sealed data reveals only the size class of its plaintext.",
        "server/core/crypto/seal.py",
        "    return sodium_pad(plaintext, size_class(len(plaintext)))",
        "    return sodium_pad(plaintext, len(plaintext) + 1)",
        "tests/core/crypto/test_seal.py::test_sealed_size_reveals_only_the_size_class",
    ),
    Mutant(
        "A large change of keys lets other requests run in between.",
        "server/core/crypto/epochs.py",
        "for number in missing[:SLICE_BOXES]:",
        "for number in missing:",
        f"{EPOCHS}::test_one_step_seals_at_most_one_slice_of_boxes",
    ),
    Mutant(
        "The key that finds a room is not the key that opens its title.",
        "server/core/invite_code.py",
        'TITLE = b"sottovoce-title"',
        "TITLE = INVITATION",
        "tests/core/test_invite_code.py::test_key_depends_on_the_code_the_server_and_the_use",
    ),
)

ROOMS = (
    Mutant(
        "A question to one member leaves no gap in the numbers that others see.",
        "server/core/room/room.py",
        "        other.add_request(member.number, Request(RequestKind.SIDE_CHAT, self.log.last_seq))\n",
        "        other.add_request(member.number, Request(RequestKind.SIDE_CHAT, self.log.last_seq))\n"
        "        self.log.append(Kind.REMATCH, member.number)\n",
        f"{REQUESTS}::test_side_chat_leaves_no_gap_in_the_numbers_that_others_see",
    ),
    Mutant(
        "A knock leaves no gap in the numbers that others see.",
        "server/core/room/private.py",
        "        request = Request(RequestKind.KNOCK, self.log.last_seq)\n",
        "        request = Request(RequestKind.KNOCK, self.log.last_seq)\n"
        "        self.log.append(Kind.REMATCH, number)\n",
        f"{REQUESTS}::test_knock_leaves_no_gap_in_the_numbers_that_others_see",
    ),
    Mutant(
        "A request of a muted member is not shown.",
        "server/core/room/member.py",
        "return {number: r for number, r in self.requests.items() if number not in self.muted}",
        "return self.requests",
        f"{REQUESTS}::test_request_of_a_muted_member_is_not_shown_and_they_cannot_tell",
    ),
    Mutant(
        "A member who asks cannot tell whether they are muted.",
        "server/core/room/room.py",
        "        member.side_chat_requests[number] = None\n",
        "        if member.number in other.muted:\n            return False\n"
        "        member.side_chat_requests[number] = None\n",
        f"{REQUESTS}::test_request_of_a_muted_member_is_not_shown_and_they_cannot_tell",
    ),
    Mutant(
        "A request is shown again on each new stream until it is answered.",
        "server/store/memory/store.py",
        "for number in seat.member.shown_requests()",
        "for number in ()",
        f"{MEMORY}::test_request_is_shown_again_on_a_new_stream_until_answered",
    ),
    Mutant(
        "A request is shown below everything that was written before.",
        "server/stream/live.py",
        "is_behind=len(events) >= most",
        "is_behind=False",
        f"{REQUESTS}::test_request_is_shown_after_everything_that_was_written_before",
    ),
    Mutant(
        "A request ends when the member who asks leaves.",
        "server/core/room/room.py",
        "        for number in list(member.side_chat_requests):\n"
        "            self._withdraw(member, number)\n",
        "",
        f"{REQUESTS}::test_request_ends_when_the_asker_leaves",
    ),
    Mutant(
        "Whoever holds most of a ring loses their oldest message.",
        "server/core/room/log.py",
        "return -max(others, default=(0, -self._oldest()))[1]",
        "return self._oldest()",
        "tests/core/room/test_log.py::test_speaker_with_the_most_messages_loses_their_oldest",
    ),
    Mutant(
        "A message is dropped when very many others were posted after it.",
        "server/core/room/log.py",
        "while self._posted - self._messages[self._oldest()].ordinal >= self._horizon:",
        "while False:",
        "tests/core/room/test_log.py::test_ring_of_a_busy_room_is_not_filled_by_former_speakers",
    ),
    Mutant(
        "All sessions of one circuit share one part of a ring.",
        "server/core/room/room.py",
        "epoch=epoch, sealed=sealed, speaker=member.speaker",
        "epoch=epoch, sealed=sealed",
        f"{MEMORY}::test_flood_pushes_out_its_own_words",
    ),
    Mutant(
        "All sessions of one circuit share one share of a room's pace.",
        "server/core/room/pace.py",
        "        speaker, _ = self._circuits.pop(circuit, (speaker, now_s))\n",
        "        self._circuits.pop(circuit, None)\n",
        f"{MEMORY}::test_sessions_of_one_circuit_share_one_share",
    ),
    Mutant(
        "A member keeps their speaker when their circuit changes.",
        "server/core/room/room.py",
        "member.speaker = self.pace.speaker_of(member.speaker, circuit, now_s)",
        "member.speaker = self.pace.speaker_of(member.number, circuit, now_s)",
        f"{MEMORY}::test_new_circuit_brings_no_new_share",
    ),
    Mutant(
        "A room forgets a circuit some time after its last message.",
        "server/core/room/pace.py",
        "            if now_s - used_s < CIRCUIT_KEPT_S:\n",
        "            if now_s >= used_s:\n",
        f"{MEMORY}::test_room_forgets_circuits_without_a_further_message",
    ),
    Mutant(
        "All members of a room together write no more than its pace.",
        "server/core/room/room.py",
        "            self.pace.check(member.speaker, message_cells(text), present_s, now_s)\n",
        "",
        f"{MEMORY}::test_flood_is_held_to_the_pace_of_the_room",
    ),
    Mutant(
        "A member who writes little is not slowed by a flood.",
        "server/core/room/pace.py",
        "        lack = (debt + needed - SHARE_CELLS) * self.speakers\n",
        "        lack = excess\n",
        f"{PACE}::test_quiet_speaker_is_not_slowed_by_a_flood",
    ),
    Mutant(
        "What quiet speakers leave of the pace is shared by the others.",
        "server/core/room/pace.py",
        "            until_full = (full_at - self._virtual) * len(self._full_at)\n",
        "            until_full = (full_at - self._virtual) * (len(self._full_at) + 5)\n",
        f"{PACE}::test_shares_agree_with_a_naive_model",
    ),
    Mutant(
        "Long messages of many speakers do not add up.",
        "server/core/room/pace.py",
        "        if cells > needed:\n",
        "        if cells < needed:\n",
        f"{PACE}::test_long_messages_of_many_speakers_do_not_add_up",
    ),
    Mutant(
        "Newcomers are slower when a room is busy.",
        "server/core/room/pace.py",
        "if speaker not in self._full_at and present_s < NEWCOMER_S:",
        "if speaker not in self._full_at and present_s < 0:",
        f"{PACE}::test_newcomer_waits_in_a_busy_room_only",
    ),
    Mutant(
        "A lively room of twenty people never notices the pace.",
        "server/core/room/pace.py",
        "        if excess <= ROUNDING:\n            return\n",
        "",
        f"{PACE}::test_lively_room_of_twenty_people_never_waits",
    ),
    Mutant(
        "A pair has no pace but that of each session.",
        "server/core/room/room.py",
        "RoomPace() if policy.life is ROOM_LIFE else None",
        "RoomPace()",
        f"{PACE}::test_pair_is_not_slowed_beyond_the_bucket_of_a_session",
    ),
    Mutant(
        "All rings together take no more than their budget.",
        "server/core/room/ring_budget.py",
        "while self._total_bytes > self._max_bytes:",
        "while False:",
        f"{MEMORY}::test_largest_conversation_gives_way_when_all_take_too_much",
    ),
    Mutant(
        "Of all rings, the largest gives way first.",
        "server/core/room/ring_budget.py",
        "largest = self._largest()",
        "largest = ring",
        "tests/core/room/test_ring_budget.py::test_largest_log_gives_way_and_the_others_are_untouched",
    ),
    Mutant(
        "The budget of the rings keeps no conversation that has ended.",
        "server/store/memory/tables.py",
        "            self._ring_budget.discard(seat.room)\n",
        "",
        f"{MEMORY}::test_memory_of_a_conversation_is_free_when_all_have_left",
    ),
)

DELIVERY = (
    Mutant(
        "A message is not written to a member who has muted its sender.",
        "server/stream/fanout.py",
        "is_next = subscriber.skip(new.seq) if is_hidden else subscriber.receive(new)",
        "is_next = subscriber.receive(new)",
        f"{MEMORY}::test_live_readers_receive_the_entries_they_may_read",
    ),
    Mutant(
        "A member who has muted the sender leaves the broadcast group before it is written to.",
        "server/stream/fanout.py",
        "for number in publication.hidden_from & self._by_number.keys():",
        "for number in frozenset() & self._by_number.keys():",
        f"{BROADCAST}::test_message_of_a_muted_member_is_written_to_others_only",
    ),
    Mutant(
        "A room names, with each new entry, the members who have muted its sender.",
        "server/core/room/room.py",
        "hidden_from = frozenset(n for n in self._muters if self._members[n].hides(entry))",
        "hidden_from = frozenset()",
        f"{BROADCAST}::test_message_of_a_muted_member_is_written_to_others_only",
    ),
    Mutant(
        "A constant-rate stream joins no broadcast group.",
        "server/stream/constant_rate.py",
        '"""See `Subscriber`: it writes on a clock of its own."""\n',
        "return super().render_key\n",
        f"{BROADCAST}::test_constant_rate_stream_joins_no_group_and_keeps_its_ticks",
    ),
    Mutant(
        "A stream that leaves a broadcast group continues after the last entry that was written.",
        "server/stream/live.py",
        "        self._source.cursor = share.cursor\n",
        "",
        f"{BROADCAST}::test_each_stream_writes_every_entry_once_in_order",
    ),
    Mutant(
        "Bytes that were written in a broadcast group are counted for each of its members.",
        "server/stream/fanout.py",
        "        subscription.own_bytes += written\n",
        "",
        f"{BROADCAST}::test_each_stream_writes_every_entry_once_in_order",
    ),
    Mutant(
        "A call of the store during a delivery does not change the order of entries.",
        "server/stream/registry.py",
        "        if not self._is_applying:\n",
        "        if self._pending:\n",
        f"{BROADCAST}::test_calls_during_a_delivery_keep_the_order_of_entries",
    ),
    Mutant(
        "A blocked stream reads nothing until its connection takes more.",
        "server/stream/state.py",
        "        StreamInput.NEWS: StreamState.BLOCKED,\n",
        "        StreamInput.NEWS: StreamState.CATCHING_UP,\n",
        f"{LIVE}::test_blocked_stream_reads_and_writes_nothing_until_resumed",
    ),
    Mutant(
        "A member who leaves receives nothing more of the conversation.",
        "server/store/memory/tables.py",
        "        self._signals.append(EndStream(session.handle, StreamEnd.FORGOTTEN, chat_id))\n",
        "",
        f"{LIVE}::test_leaving_ends_the_own_stream_and_is_shown_to_others",
    ),
    Mutant(
        "A stream that has two reasons to end shows the first.",
        "server/stream/registry.py",
        "subscription.end = subscription.end or end",
        "subscription.end = end",
        f"{REGISTRY}::test_first_of_two_ends_before_the_stream_is_attached_is_shown",
    ),
    Mutant(
        "The traffic of a stream that has ended is counted for its session.",
        "server/store/memory/tables.py",
        "            session.lifetime.traffic_bytes += ended.traffic_bytes\n",
        "",
        f"{MEMORY}::test_traffic_includes_that_of_the_open_stream",
    ),
    Mutant(
        "A session counts as present until 30 seconds after its stream has ended.",
        "server/store/memory/tables.py",
        "            session.seen_s = max(session.seen_s, ended.ended_s)\n",
        "",
        f"{MEMORY}::test_waiter_is_present_until_30_s_after_its_stream_closed",
    ),
    Mutant(
        "A session whose stream has ended does not count as present for ever.",
        "server/store/memory/tables.py",
        "            self._refresh_presence(session)\n            self._use_places(session)\n",
        "            self._use_places(session)\n",
        f"{MEMORY}::test_waiter_is_present_until_30_s_after_its_stream_closed",
    ),
    Mutant(
        "Entries that an ended stream has written are not announced as unread.",
        "server/store/memory/tables.py",
        "                seat.member.seen_seq = max(seat.member.seen_seq, ended.seen_seq)\n",
        "                pass\n",
        f"{REGISTRY}::test_entries_that_an_ended_stream_has_written_are_not_unread",
    ),
    Mutant(
        "Only a visit counts as activity of a session.",
        "server/store/memory/tables.py",
        "            raise SessionUnknownError\n        return session\n",
        "            raise SessionUnknownError\n"
        "        session.seen_s = self._clock()\n        return session\n",
        f"{MEMORY}::test_only_a_visit_counts_as_activity",
    ),
)

CONSTANT_RATE_STREAMS = (
    Mutant(
        "A constant-rate stream writes nothing between its ticks.",
        "server/stream/constant_rate.py",
        "            self._open_with(event.html)\n        else:\n            self._queue_cells(event)\n",
        "            self._open_with(event.html)\n        else:\n"
        "            self._write(event.chunk)\n",
        f"{CONSTANT_RATE}::test_each_tick_writes_one_cell_with_or_without_events",
    ),
    Mutant(
        "A constant-rate stream writes a cell at each tick, also when there is nothing to write.",
        "server/stream/constant_rate.py",
        "            self._write(cell)\n",
        "            self._write(cell) if cell is not HEARTBEAT.chunk else None\n",
        f"{CONSTANT_RATE}::test_each_tick_writes_one_cell_with_or_without_events",
    ),
    Mutant(
        "A constant-rate stream ends at a tick.",
        "server/stream/constant_rate.py",
        "elif self._phase is RatePhase.OPENING or end in AT_ONCE:",
        "elif self._phase is not RatePhase.ENDING:",
        f"{CONSTANT_RATE}::test_moved_or_forgotten_stream_ends_at_a_tick_in_one_cell",
    ),
    Mutant(
        "Constant-rate streams that are opened together do not tick together.",
        "server/stream/constant_rate.py",
        "phase_s = drawn_between(0, self._every_s)",
        "phase_s = self._every_s",
        f"{CONSTANT_RATE}::test_streams_opened_together_tick_at_different_times",
    ),
    Mutant(
        "An event is not split inside a tag.",
        "server/core/cells.py",
        'piece = piece[: piece.rfind(b"<")]',
        "pass",
        "tests/core/test_cells.py::test_no_tag_is_split",
    ),
)

PROCESS = (
    Mutant(
        "The web process can create no socket.",
        "server/sandbox/lockdown.py",
        "        refuse_calls()\n",
        "",
        f"{LOCKDOWN}::test_no_socket_of_any_family_can_be_made",
    ),
    Mutant(
        "System calls that the web process does not need are refused.",
        "server/sandbox/seccomp.py",
        '("", (JUMP_EQUAL, "refuse", "refuse", 0)),',
        '("", (JUMP_EQUAL, "allow", "allow", 0)),',
        f"{LOCKDOWN}::test_unneeded_system_calls_are_refused",
    ),
    Mutant(
        "The web process enters the sandbox before it serves.",
        "server/serve.py",
        "if not config.unsealed:",
        "if config.unsealed:",
        "tests/process/test_sandboxed.py::test_server_is_filtered_and_gains_no_privileges",
    ),
    Mutant(
        "Every page of a server without a sandbox says so.",
        "server/serve.py",
        "unsealed = not safeguards.is_locked_down\n",
        "unsealed = False\n",
        "tests/process/test_sandboxed.py::test_every_page_warns_when_there_is_no_sandbox",
    ),
    Mutant(
        "No library writes a log line.",
        "server/serve.py",
        "    logging.disable(logging.CRITICAL)\n",
        "",
        "tests/process/test_bugs.py::test_bug_outside_of_a_view_leaves_no_trace",
    ),
    Mutant(
        "The server restarts itself with settings that overwrite freed memory.",
        "server/cli.py",
        "        reexec()\n",
        "        pass\n",
        "tests/process/test_admin.py::test_status_contains_rounded_counts",
    ),
    Mutant(
        "Freed memory is overwritten.",
        "server/sandbox/allocator.py",
        '"glibc.malloc.tcache_count": "0"',
        '"glibc.malloc.tcache_count": "7"',
        "tests/process/test_memory.py::test_nothing_is_left_in_memory_when_all_have_left",
    ),
    Mutant(
        "Opened messages do not stay on the stack.",
        "server/sandbox/stack.py",
        "    _call_with_block(_ZEROS)\n",
        "",
        "tests/sandbox/test_stack.py::test_data_that_a_call_left_on_the_stack_is_overwritten",
    ),
    Mutant(
        "No timer keeps a request that was answered.",
        "server/web/edge/forms.py",
        "Context().run(limit.reschedule, due_s)",
        "limit.reschedule(due_s)",
        f"{RELEASE}::test_no_timer_refers_to_a_form_that_was_read",
    ),
    Mutant(
        "No exception keeps a request that was answered.",
        "server/http/tracebacks.py",
        "        error.__traceback__ = None\n",
        "",
        f"{RELEASE}::test_answered_requests_leave_no_objects",
    ),
    Mutant(
        "A stream that has ended leaves no reference cycle.",
        "server/stream/live.py",
        "        subscription, self._subscription = self._subscription, None\n",
        "        subscription = self._subscription\n",
        f"{RELEASE}::test_answered_requests_leave_no_objects",
    ),
    Mutant(
        "A slow reader's connection keeps nothing of the request that posted a message.",
        "server/stream/registry.py",
        "            Context().run(self._apply_pending)\n",
        "            self._apply_pending()\n",
        f"{TIMEOUTS}::test_slow_reader_keeps_no_request_or_secret_of_the_sender",
    ),
    Mutant(
        "A task that reads the log keeps nothing of the request that started it.",
        "server/stream/live.py",
        "loop.create_task(read, context=Context())",
        "loop.create_task(read)",
        f"{REGISTRY}::test_task_that_reads_the_log_has_an_empty_context",
    ),
    Mutant(
        "The web process can remove no file but those of its own sockets.",
        "server/sandbox/lockdown.py",
        "        restrict_files([folder for folder in folders if holds_only_sockets(folder)])\n",
        "",
        f"{LOCKDOWN}::test_only_files_of_its_own_sockets_are_removable",
    ),
    Mutant(
        "The web process cannot ask which files there are.",
        "server/sandbox/syscalls.py",
        '        "fstat": 5,\n',
        '        "fstat": 5,\n        "stat": 4,\n        "newfstatat": 262,\n',
        f"{LOCKDOWN}::test_process_cannot_find_out_where_it_runs",
    ),
    Mutant(
        "The web process imports everything before it is sealed.",
        "server/serve.py",
        "    import_late_modules()\n",
        "",
        "tests/process/test_no_file.py::test_server_under_load_opens_no_file",
    ),
    Mutant(
        "The web process is told no path of its sockets.",
        "server/process/sockets.py",
        "listening.bind(path.name)",
        "listening.bind(str(path.absolute()))",
        "tests/process/test_sandboxed.py::test_broken_process_was_told_nothing_about_the_machine",
    ),
    Mutant(
        "The web process does not know the operator's time zone.",
        "server/sandbox/environment.py",
        "return {**kept, **FIXED_VARIABLES}",
        'return {**kept, **FIXED_VARIABLES, "TZ": environment.get("TZ", "UTC0")}',
        "tests/process/test_sandboxed.py::test_broken_process_was_told_nothing_about_the_machine",
    ),
    Mutant(
        "The supervisor names no path to the web process.",
        "server/supervisor/webprocess.py",
        "    here = Paths(Path())\n",
        '    here = Paths(Path("/srv/alice"))\n',
        "tests/supervisor/test_webprocess.py::test_command_line_names_nothing_of_the_machine",
    ),
    Mutant(
        "The source archive contains no file that the manifest does not name.",
        "server/process/source_archive.py",
        "        for archive_path in tree.names():\n",
        "        for archive_path in [*tree.names(), *tree.strays()]:\n",
        "tests/process/test_source_archive.py::test_file_that_is_not_named_is_not_packed",
    ),
    Mutant(
        "The source archive follows no link.",
        "server/process/source_archive.py",
        "return path if path.resolve() == path and path.is_file() else None",
        "return path if path.is_file() else None",
        "tests/process/test_source_archive.py::test_links_are_not_followed_or_packed",
    ),
)

CONNECTIONS = (
    Mutant(
        "Of what was opened for a slow reader, at most the rest of one chunk is kept.",
        "server/http/stream_connection.py",
        "        transport.set_write_buffer_limits(high=0)\n",
        "",
        "tests/http/test_stream_connection.py::test_at_most_the_rest_of_one_chunk_is_buffered",
    ),
    Mutant(
        "Unsent data for a session that is gone is dropped.",
        "server/stream/live.py",
        "if self._is_paused() and end is not StreamEnd.STOPPED:",
        "if not GONE:",
        f"{LIVE}::test_blocked_stream_that_must_end_drops_unsent_data",
    ),
    Mutant(
        "A stream whose reader takes nothing for two minutes is cut.",
        "server/stream/live.py",
        "            due_s = self._written_s + WRITE_S\n",
        "            due_s = self._written_s + 9 * WRITE_S\n",
        f"{LIVE}::test_reader_that_takes_nothing_for_too_long_is_cut_off",
    ),
    Mutant(
        "A connection whose reader takes nothing of a short response is closed.",
        "server/http/timeouts.py",
        "        writer.transport.set_write_buffer_limits(high=0)\n",
        "",
        f"{TIMEOUTS}::test_connection_with_small_unread_answers_is_closed",
    ),
    Mutant(
        "A request body that is not read keeps no connection open.",
        "server/http/connection.py",
        "        while queue.full():\n            queue.get_nowait()\n        queue.put_nowait(",
        "        await queue.put(",
        f"{TIMEOUTS}::test_unread_body_does_not_keep_the_connection",
    ),
    Mutant(
        "A form that breaks off is not accepted as a complete one.",
        "server/web/request_handling.py",
        "        if responding is not None:\n            responding.cancel()\n",
        "        request.body.set_complete()\n",
        f"{HAND_OVER}::test_truncated_form_is_not_processed",
    ),
    Mutant(
        "The server does not start with another version of Hypercorn.",
        "server/serve.py",
        "    check_version()\n",
        "",
        f"{HAND_OVER}::test_unknown_hypercorn_version_prevents_the_start",
    ),
    Mutant(
        "A stream over HTTP/1.0 contains no chunk framing.",
        "server/http/stream_connection.py",
        "    def _write_unframed(self, chunk: bytes) -> None:\n"
        "        self._transport.write(unframe(chunk))\n",
        "    def _write_unframed(self, chunk: bytes) -> None:\n        self._transport.write(chunk)\n",
        f"{HAND_OVER}::test_http_1_0_gets_the_same_without_chunks",
    ),
    Mutant(
        "Padding in two chunks leaves no chunk framing in a stream over HTTP/1.0.",
        "server/core/cells.py",
        "payload, chunks = payload + rest[:end], rest[end + 2 :]",
        'payload, chunks = payload + rest[:-2], b""',
        "tests/stream/test_transport.py::test_padding_of_one_or_two_chunks_is_unframed_completely",
    ),
    Mutant(
        "Each event of a stream fills whole cells.",
        "server/core/cells.py",
        "return event + _PADDING * (payload - len(event))",
        "return event",
        "tests/process/test_wire.py::test_messages_of_1_and_of_200_characters_take_one_cell_each",
    ),
)

WEB = (
    Mutant(
        "A gateway that makes the service public is refused.",
        "server/web/edge/before_view.py",
        "        raise GatewayError\n",
        "        return\n",
        "tests/web/test_gateways.py::test_gateway_gets_one_page_on_every_route_and_changes_nothing",
    ),
    Mutant(
        "Every response has a content security policy.",
        "server/web/edge/headers.py",
        '    "content-security-policy": policy(),\n',
        "",
        "tests/web/test_pages.py::test_answer_has_its_status_and_every_header_of_the_table",
    ),
    Mutant(
        "A form is accepted only with its token.",
        "server/web/form_tokens.py",
        "return hmac.compare_digest(_ascii(token), self.form(handle, form, subject).encode())",
        "return True",
        "tests/web/test_chat.py::test_exit_button_with_a_foreign_token_is_refused",
    ),
    Mutant(
        "A message form that is sent twice posts one message.",
        "server/store/memory/conversations.py",
        "        member.spent_tokens.spend(token, text_tag)\n",
        "",
        f"{MEMORY}::test_spent_token_is_not_accepted_again",
    ),
    Mutant(
        "Panic deletes the session.",
        "server/store/memory/store.py",
        "            self._forget(session, StreamEnd.PANIC)\n",
        "",
        "tests/web/test_panic.py::test_session_and_conversation_are_deleted_at_once",
    ),
    Mutant(
        "The cookie is sent to this service only, and no script can read it.",
        "server/web/edge/cookies.py",
        '_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"',
        '_ATTRIBUTES = "Path=/; Secure; SameSite=Strict"',
        "tests/web/test_door.py::test_first_accepted_post_sets_a_restricted_cookie",
    ),
    Mutant(
        "The id of another session's conversation is treated as unknown.",
        "server/store/memory/tables.py",
        "        seat = None if session is None else session.seats.get(chat_id)\n",
        "        everybody = self._sessions.values()\n"
        "        seat = next((s.seats[chat_id] for s in everybody if chat_id in s.seats), None)\n",
        "tests/web/test_forms_table.py::test_foreign_id_is_answered_like_an_unknown_one",
    ),
    Mutant(
        "Opening a page stores nothing.",
        "server/web/views/door.py",
        "    state = MatchState(is_waiting=False, chat_id=None)\n    if secret",
        "    state = MatchState(is_waiting=False, chat_id=None)\n"
        "    await services.store.open_session()\n    if secret",
        "tests/web/test_door.py::test_gets_before_the_first_post_store_nothing_and_set_no_cookie",
    ),
    Mutant(
        "The server answers no other host than its own.",
        "server/web/edge/asgi_guard.py",
        "if self._host is not None and not all",
        "if self._host is None and not all",
        "tests/process/test_wire.py::test_server_with_an_address_serves_no_other_host",
    ),
)

TOR = (
    Mutant(
        "The service offers proof of work.",
        "onion/defences.py",
        '("HiddenServicePoWDefensesEnabled", "1")',
        '("HiddenServicePoWDefensesEnabled", "0")',
        f"{DEFENCES}::test_defences_of_a_full_tor_are_all_on_and_close_no_circuit",
    ),
    Mutant(
        "A stream over the limit does not end the others of its circuit.",
        "onion/defences.py",
        '("HiddenServiceMaxStreamsCloseCircuit", "0")',
        '("HiddenServiceMaxStreamsCloseCircuit", "1")',
        f"{DEFENCES}::test_defences_of_a_full_tor_are_all_on_and_close_no_circuit",
    ),
    Mutant(
        "A defence that tor lacks is left out.",
        "onion/defences.py",
        "for defence in Defence if defence not in missing for option",
        "for defence in Defence for option",
        f"{DEFENCES}::test_unknown_option_leaves_out_its_whole_defence",
    ),
    Mutant(
        "Proof of work is left out where tor was built without it.",
        "onion/defences.py",
        '_MODULES = {Defence.PROOF_OF_WORK: "pow"}',
        "_MODULES: dict[Defence, str] = {}",
        f"{DEFENCES}::test_tor_built_without_the_module_has_no_proof_of_work",
    ),
    Mutant(
        "The status names the defences that tor lacks.",
        "server/supervisor/webprocess.py",
        "={int(is_on)}",
        "=1",
        "tests/process/test_admin.py::test_status_names_what_the_supervisor_found_missing_in_tor",
    ),
    Mutant(
        "Circuit ids are believed only of a tor that has them.",
        "server/supervisor/webprocess.py",
        '"--trust-circuit-ids": defences[Defence.CIRCUIT_IDS]',
        '"--trust-circuit-ids": True',
        "tests/supervisor/test_webprocess.py"
        "::test_circuit_ids_of_our_own_tor_are_believed_if_it_has_them",
    ),
    Mutant(
        "Circuit ids of another tor are believed only if the operator says so.",
        "server/config/tor.py",
        'read_bool(table, "circuit_ids", "tor.", default=False)',
        'read_bool(table, "circuit_ids", "tor.", default=True)',
        "tests/config/test_load.py::test_circuit_ids_are_believed_only_where_the_operator_says_so",
    ),
    Mutant(
        "A service is published when a visit of its own came through, not when it was uploaded.",
        "onion/service_state.py",
        "    Reach.STARTING: _row(_S, _U,",
        "    Reach.STARTING: _row(_S, _P,",
        "tests/onion/test_service_state.py::test_confirmed_upload_alone_is_not_published",
    ),
    Mutant(
        "The operator is told that the service cannot be reached.",
        "server/supervisor/reachability.py",
        "        if not self._is_told:\n",
        "        if self._is_told:\n",
        f"{REACHABILITY}::test_two_failed_visits_are_told_and_the_descriptor_published_anew",
    ),
    Mutant(
        "A service that cannot be reached is in the state unreachable.",
        "server/supervisor/reachability.py",
        "        self._note(ServiceEvent.GIVEN_UP)\n",
        "",
        f"{REACHABILITY}::test_two_failed_visits_are_told_and_the_descriptor_published_anew",
    ),
    Mutant(
        "A tor that lost its network is started anew at once.",
        "server/supervisor/reachability.py",
        "                return LOST\n            except NotReachedError",
        "                pass\n            except NotReachedError",
        f"{REACHABILITY}::test_lost_network_asks_for_a_new_tor_at_once_and_is_told_once",
    ),
    Mutant(
        "Visits that fail cannot make tor choose new relays often.",
        "server/supervisor/reachability.py",
        "        if now_s < self._may_restart_s:\n            return False\n",
        "",
        f"{REACHABILITY}::test_new_tors_become_rarer",
    ),
    Mutant(
        "A component that gives no sign of life is replaced.",
        "server/supervisor/restart.py",
        "watch(instance)) for watch in spec.watches]",
        "watch(instance)) for watch in ()]",
        "tests/supervisor/test_restart.py::test_component_that_a_watch_gives_up_is_replaced",
    ),
    Mutant(
        "A silence that this program has slept through is none of the component.",
        "server/supervisor/signs_of_life.py",
        "silence_s += min(clock() - since_s, step_s)",
        "silence_s += clock() - since_s",
        "tests/supervisor/test_signs_of_life.py::test_silence_that_was_slept_through_is_not_counted",
    ),
    Mutant(
        "The status does not say that visitors can come in when a part does not answer.",
        "server/supervisor/status.py",
        "self.state.lets_visitors_in and answers",
        "self.state.lets_visitors_in",
        "tests/supervisor/test_status.py"
        "::test_published_service_whose_parts_do_not_answer_lets_nobody_in",
    ),
    Mutant(
        "The socket of our own visits opens onion addresses only.",
        "onion/launch/torrc.py",
        '} OnionTrafficOnly"',
        '}"',
        "tests/onion/launch/test_torrc.py"
        "::test_socks_port_for_our_own_visits_is_a_private_socket_for_onions_only",
    ),
    Mutant(
        "The watchdog hears nothing while a child is silent.",
        "server/supervisor/systemd.py",
        "            if is_alive():\n",
        "            if is_alive() or True:\n",
        "tests/supervisor/test_systemd.py::test_watchdog_hears_nothing_while_a_child_is_silent",
    ),
    Mutant(
        "A killed server leaves no copy of the onion's key.",
        "onion/service_folder.py",
        "    async with removed_afterwards(path):\n",
        "    if path:\n",
        "tests/onion/test_service_folder.py::test_killed_program_leaves_the_key_file_alone",
    ),
    Mutant(
        "The service never has another address than that of its key.",
        "onion/service.py",
        "            self._check_address(folder)\n",
        "",
        "tests/onion/test_tor.py::test_tor_that_does_not_take_our_key_is_ended",
    ),
    Mutant(
        "A copy of the key that was left behind is named.",
        "server/doctor/folder.py",
        "(*EXPECTED, *EXPECTED_IN_A_RUN) if runs else EXPECTED",
        "(*EXPECTED, *EXPECTED_IN_A_RUN)",
        "tests/doctor/test_folder.py::test_copy_of_the_key_is_expected_only_while_the_server_runs",
    ),
    Mutant(
        "A key is never on disk in the clear while it is sealed: tor's copy is in memory.",
        "onion/service.py",
        "service_folder(self._copy_in, self._key)",
        "service_folder(Place(self._folder), self._key)",
        "tests/onion/test_tor.py::test_sandboxed_tor_takes_a_key_that_is_in_memory_only",
    ),
    Mutant(
        "tor's copy of a sealed key is never on a disk.",
        "onion/launch/memory.py",
        "if kind not in IN_MEMORY:",
        "if kind is None:",
        "tests/onion/launch/test_memory.py::test_disk_is_refused",
    ),
    Mutant(
        "A key that was sealed is overwritten before it is removed.",
        "onion/keyfile.py",
        "        os.write(handle, bytes(os.fstat(handle).st_size))\n",
        "",
        "tests/supervisor/key/test_sealing.py::test_key_in_the_clear_is_overwritten",
    ),
    Mutant(
        "A key is removed only when the sealed one was read back.",
        "server/supervisor/key/sealing.py",
        "        read_back = load_sealed_key(paths.sealed_key, lambda: passphrase, 1)\n",
        "        read_back = key\n",
        "tests/supervisor/key/test_sealing.py"
        "::test_key_is_kept_unless_the_sealed_one_can_be_read_back",
    ),
    Mutant(
        "A sealed key does not tell its address.",
        "onion/sealed/box.py",
        'f"sottovoce sealed key 1\\n"',
        'f"sottovoce sealed key 1\\n{key.address}\\n"',
        "tests/onion/sealed/test_box.py"
        "::test_file_is_four_lines_with_the_cost_and_without_the_address",
    ),
    Mutant(
        "A passphrase is not shown in the terminal.",
        "server/supervisor/key/passphrase.py",
        "return getpass.getpass(question)",
        "return input(question)",
        "tests/supervisor/key/test_terminal.py"
        "::test_key_is_sealed_with_what_was_typed_twice_the_same",
    ),
    Mutant(
        "A sealed key is never replaced by a new address.",
        "server/supervisor/up.py",
        "    if os.path.lexists(paths.sealed_key):\n",
        "    if not paths:\n",
        "tests/supervisor/test_up.py"
        "::test_key_that_was_sealed_meanwhile_is_never_replaced_by_a_new_one",
    ),
)

TEXT = "tests/core/test_text.py"
WORST_TEXT = "tests/web/test_worst_text.py"
TOKENS = "tests/web/test_tokens.py"

BEFORE_WORK = (
    Mutant(
        "No long run of combining marks is normalised.",
        "server/core/text.py",
        'unicodedata.normalize("NFC", cut_long_runs(text))',
        'unicodedata.normalize("NFC", text)',
        f"{TEXT}::test_no_long_run_is_normalised",
    ),
    Mutant(
        "No long run of combining marks is normalised in a code either.",
        "server/core/invite_code.py",
        'unicodedata.normalize("NFKC", cut_long_runs(text))',
        'unicodedata.normalize("NFKC", text)',
        f"{WORST_TEXT}::test_text_reaches_the_normalisation_of_every_entrance",
    ),
    Mutant(
        "Hidden characters are removed before runs are cut.",
        "server/core/text.py",
        """    text = _HIDDEN.sub("", _TAGS.sub(_keep_in_flag, text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", cut_long_runs(text))
""",
        """    text = cut_long_runs(_TAGS.sub(_keep_in_flag, text))
    text = _HIDDEN.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
""",
        f"{TEXT}::test_hidden_characters_do_not_divide_a_run",
    ),
    Mutant(
        "A letter keeps eight marks.",
        "server/core/text.py",
        '        text = _EXCESS_MARKS.sub(r"\\1", text)\n',
        "",
        f"{TEXT}::test_ninth_mark_on_a_letter_is_dropped",
    ),
    Mutant(
        "Words keep the marks that they are written with.",
        "server/core/limits.py",
        "MAX_MARKS = 8",
        "MAX_MARKS = 7",
        f"{TEXT}::test_words_with_many_marks_are_kept",
    ),
    Mutant(
        "A text that no form can hold is not looked at.",
        "server/core/text.py",
        "    if len(raw) > MAX_BODY_BYTES:\n        raise MessageTooLongError\n",
        "",
        f"{TEXT}::test_text_that_no_form_can_hold_is_not_looked_at",
    ),
    Mutant(
        "A long title is not looked at.",
        "server/core/text.py",
        "    if len(raw) > MAX_RAW_TITLE_CHARS:\n        raise TitleUnfitError\n",
        "",
        f"{WORST_TEXT}::test_long_code_or_title_is_kept_and_not_normalised",
    ),
    Mutant(
        "A message that comes too fast is not looked into.",
        "server/store/memory/conversations.py",
        "        self._check_post_pace(secret, seat, text)\n        cleaned = clean_message(text)\n",
        "        cleaned = clean_message(text)\n        self._check_post_pace(secret, seat, text)\n",
        f"{WORST_TEXT}::test_message_sent_too_fast_is_kept_and_not_normalised",
    ),
    Mutant(
        "A message to a conversation of somebody else is not looked into.",
        "server/store/memory/conversations.py",
        "        seat = self._seat(secret, chat_id)\n        text_tag",
        "        clean_message(text)\n        seat = self._seat(secret, chat_id)\n        text_tag",
        f"{WORST_TEXT}::test_message_to_a_foreign_conversation_is_not_normalised",
    ),
    Mutant(
        "A code is not looked at after too many wrong ones.",
        "server/web/views/private.py",
        "        await store.check_guess(secret)\n",
        "",
        f"{WORST_TEXT}::test_code_tried_too_often_is_kept_and_not_normalised",
    ),
    Mutant(
        "What is not a code counts as a wrong code.",
        "server/web/edge/invite_codes.py",
        "    code = _parse(text) or Code.new()\n",
        "    from server.core.errors import InvitationUnknownError\n"
        "    code = _parse(text)\n    if code is None:\n        raise InvitationUnknownError\n",
        f"{WORST_TEXT}::test_code_tried_too_often_is_kept_and_not_normalised",
    ),
    Mutant(
        "The title of a room that may not be opened now is not looked into.",
        "server/store/memory/conversations.py",
        "        session.check_join(now_s)\n        title = clean_title(title)\n",
        "        title = clean_title(title)\n        session.check_join(now_s)\n",
        f"{WORST_TEXT}::test_title_of_one_room_too_many_is_kept_and_not_normalised",
    ),
    Mutant(
        "A message has at most forty line ends.",
        "server/core/text.py",
        "    if over_lines > 0:\n        raise TooManyLinesError(over_lines)\n",
        "",
        "tests/web/test_composer.py::test_too_many_lines_are_refused_and_kept",
    ),
    Mutant(
        "Several empty lines become one.",
        "server/core/text.py",
        "        elif kept and kept[-1]:\n",
        "        else:\n",
        f"{TEXT}::test_runs_of_empty_lines_become_one",
    ),
    Mutant(
        "A form of more than a hundred fields is not parsed.",
        "server/web/edge/forms.py",
        '    if body.count(b"&") >= MAX_FIELDS:\n        return []\n',
        "",
        "tests/web/test_form_parsing.py::test_body_with_too_many_fields_has_none",
    ),
    Mutant(
        "Doctor reports a cleaning that takes as long as the ordering of marks.",
        "server/doctor/ordering.py",
        "if times.cleaned_s > times.long_s / 4:",
        "if times.cleaned_s > 4 * times.long_s:",
        "tests/doctor/test_ordering.py::test_cleaning_that_takes_as_long_as_ordering_fails",
    ),
)

TRACES = (
    Mutant(
        "The token of a first form is not accepted from somebody who has a session.",
        "server/web/edge/first_visit.py",
        "return not g.is_known and tokens.is_first_form(token, form)",
        "return tokens.is_first_form(token, form)",
        "tests/web/test_door.py::test_form_from_before_the_session_needs_one_more_press",
    ),
    Mutant(
        "A first form that is refused is shown again, so that one more press works.",
        "server/web/views/rooms.py",
        "        return await refuse(ROOMS_PATH, refusal_for(FOREIGN_FORM, at=at), rooms_page)\n",
        "        raise ForeignFormError\n",
        "tests/web/test_door.py::test_other_first_forms_need_one_more_press_too",
    ),
    Mutant(
        "The change of the door's token shows no clock.",
        "server/web/token_slices.py",
        "drawn_between(FIRST_FORM_TOKEN_SLICE_S * 2 / 3, FIRST_FORM_TOKEN_SLICE_S)",
        "FIRST_FORM_TOKEN_SLICE_S",
        f"{TOKENS}::test_change_of_the_first_form_token_shows_no_clock",
    ),
    Mutant(
        "The end of the door's token shows no clock.",
        "server/web/token_slices.py",
        "drawn_between(ends_s + FIRST_FORM_TOKEN_MIN_S, now_s + FIRST_FORM_TOKEN_MAX_S)",
        "now_s + FIRST_FORM_TOKEN_MAX_S",
        f"{TOKENS}::test_end_of_a_first_form_token_shows_no_clock",
    ),
    Mutant(
        "The door's token is valid for an hour.",
        "server/web/token_slices.py",
        "drawn_between(ends_s + FIRST_FORM_TOKEN_MIN_S, ",
        "drawn_between(now_s + FIRST_FORM_TOKEN_MIN_S, ",
        f"{TOKENS}::test_first_form_token_is_valid_for_an_hour_at_any_time",
    ),
    Mutant(
        "The period of a constant-rate stream is drawn.",
        "server/stream/constant_rate.py",
        "self._next_tick_s += self._period.next_s()",
        "self._next_tick_s += self._every_s",
        f"{CONSTANT_RATE}::test_cells_of_two_streams_drift_apart",
    ),
    Mutant(
        "The period of a constant-rate stream is drawn anew at times.",
        "server/stream/period.py",
        "if self._ticks_left == 0:",
        "if self._value_s == self._chosen_s:",
        f"{CONSTANT_RATE}::test_period_of_each_stream_is_its_own_and_changes",
    ),
    Mutant(
        "Cells and beats are written at moments that show no clock.",
        "server/stream/timer_wheel.py",
        "await asyncio.sleep(drawn_between(*TURN_S))",
        "await asyncio.sleep(self._next * SLOT_S - self._clock())",
        "tests/stream/test_timer_wheel.py::test_wheel_turns_at_moments_that_show_no_clock",
    ),
    Mutant(
        "The first heartbeat comes at a drawn moment.",
        "server/stream/live.py",
        "return self._written_s + HEARTBEAT_S + drawn_between(0, SPREAD_S)",
        "return self._written_s + HEARTBEAT_S",
        f"{LIVE}::test_first_heartbeats_show_no_clock",
    ),
    Mutant(
        "The head count of a room changes at a drawn moment.",
        "server/core/room/head_count.py",
        "drawn_between(HEAD_COUNT_S, HEAD_COUNT_MAX_S)",
        "HEAD_COUNT_S",
        "tests/core/room/test_head_count.py::test_change_of_the_shown_count_shows_no_clock",
    ),
    Mutant(
        "No page depends on the uptime.",
        "server/core/durations.py",
        "_TOLERANCE_S = 0.001",
        "_TOLERANCE_S = 0.0",
        "tests/web/test_no_clock.py::test_no_answer_depends_on_the_uptime",
    ),
    Mutant(
        "A form of Panic on a page from elsewhere clears and forgets nothing.",
        "server/web/views/panic.py",
        "    if is_own_post():\n",
        "    if True:\n",
        "tests/web/test_panic.py::test_form_from_elsewhere_clears_and_forgets_nothing",
    ),
)

EDGE = "tests/http/test_circuits.py"
OUT_OF_FILES = "tests/process/test_out_of_files.py"

CIRCUITS = (
    Mutant(
        "No number of a circuit reaches the store.",
        "server/http/connection.py",
        "return None if self._joined is None else self._joined.key",
        "return None if self._joined is None else CircuitKey(self._joined._circuit_id)",
        "tests/process/test_circuits.py::"
        "test_store_has_a_random_key_for_each_circuit_and_no_number",
    ),
    Mutant(
        "A PROXY line is believed only where it comes from a tor of ours.",
        "server/http/listener.py",
        "circuits = Circuits() if trusts_circuits else None",
        "circuits = Circuits()",
        "tests/process/test_circuits.py::test_store_has_no_circuits_without_trust",
    ),
    Mutant(
        "The key under which circuits are looked up is replaced every few minutes.",
        "server/core/circuits.py",
        "self._hash_key, self._last_hash_key = _new_hash_key(), self._hash_key",
        "self._last_hash_key = self._hash_key",
        "tests/core/test_circuits.py::test_same_number_leads_to_another_digest_in_each_period",
    ),
    Mutant(
        "A circuit without connections is unknown after two periods.",
        "server/core/circuits.py",
        "if elapsed_s < self._period_s:",
        "if elapsed_s < 10 * self._period_s:",
        "tests/core/test_circuits.py::"
        "test_quiet_circuit_is_known_for_one_period_and_unknown_after_two",
    ),
    Mutant(
        "A circuit with open connections keeps its account.",
        "server/http/circuits.py",
        "            joined.keep(self._table)\n",
        "            pass\n",
        f"{EDGE}::test_numbers_of_open_connections_are_registered_again",
    ),
    Mutant(
        "A visitor cannot name another circuit than their own.",
        "server/http/proxy_protocol.py",
        "            return line, rest\n",
        "            second, end, more = rest.partition(b'\\r\\n')\n"
        "            return (second, more) if second.startswith(PROXY_PREFIX) else (line, rest)\n",
        "tests/http/test_proxy_protocol.py::"
        "test_visitor_cannot_name_another_circuit_by_a_line_of_their_own",
    ),
    Mutant(
        "One circuit has a limited number of connections.",
        "server/http/circuits.py",
        "if len(self._connections) >= MAX_CONNECTIONS and not self._close_silent():",
        "if len(self._connections) >= 1_000 and not self._close_silent():",
        f"{EDGE}::test_many_connections_that_send_nothing_displace_each_other_only",
    ),
    Mutant(
        "The processor time of a request is charged to its circuit.",
        "server/http/metered.py",
        "            self._payer.charge(spent_ns)\n",
        "            pass\n",
        f"{EDGE}::test_requests_are_charged_to_their_circuit_alone",
    ),
    Mutant(
        "Nothing is read from a circuit in debt.",
        "server/http/circuits.py",
        "                joined.connection.set_paused(paused)\n",
        "                pass\n",
        f"{EDGE}::test_nothing_is_read_from_a_circuit_in_debt_and_others_are_answered",
    ),
    Mutant(
        "A request of a circuit in debt is not served, even if it was read already.",
        "server/http/circuits.py",
        "        if not self._is_slow and not self._queue and self._begins_few():\n",
        "        if True:\n",
        f"{EDGE}::test_requests_that_were_read_already_wait_for_their_turn",
    ),
    Mutant(
        "Many circuits that cost much get less each, so that others are served.",
        "server/core/fair_time.py",
        "            self._share = max(MIN_SHARE, self._share / 2)\n",
        "            pass\n",
        "tests/core/test_fair_time.py::test_many_floods_together_leave_time_for_a_newcomer",
    ),
    Mutant(
        "A server without free files does not look for newcomers.",
        "server/http/listener.py",
        "            self._loop.remove_reader(self._listening.fileno())\n"
        "            self._retry = self._loop",
        "            self._retry = self._loop",
        f"{OUT_OF_FILES}::test_newcomers_wait_with_the_kernel_while_all_files_are_streams",
    ),
    Mutant(
        "Silent connections give way to newcomers when files run out.",
        "server/http/listener.py",
        "        for *_, connection in heapq.nsmallest(CLOSED_AT_ONCE, silent):\n"
        "            connection.abort()\n",
        "",
        f"{OUT_OF_FILES}::test_silent_connections_give_way_to_newcomers_and_streams_stay",
    ),
    Mutant(
        "The source archive is sent to a few at once.",
        "server/web/downloads.py",
        "        if len(self._sending) >= MAX_DOWNLOADS:\n            return False\n",
        "",
        "tests/web/test_downloads.py::test_only_a_few_are_sent_at_once",
    ),
    Mutant(
        "One circuit is sent the source archive once at a time.",
        "server/web/downloads.py",
        "return circuit is None or circuit not in self._sending.values()",
        "return True",
        "tests/web/test_downloads.py::test_one_circuit_has_one_at_a_time_and_others_have_theirs",
    ),
)


SHARES = (
    Mutant(
        "A session in a conversation does not give way to a newcomer as an unused one does.",
        "server/core/session/session.py",
        "            return Priority.SEATED\n",
        "            return Priority.UNUSED\n",
        f"{MEMORY}::test_seat_of_a_lone_circuit_never_gives_way",
    ),
    Mutant(
        "Of the circuit with most sessions, the unused ones give way first.",
        "server/core/shares.py",
        "return next(p for p in Priority if (holder, p) in self._held)",
        "return next(p for p in reversed(Priority) if (holder, p) in self._held)",
        f"{MEMORY}::test_unused_session_gives_way_before_one_that_wrote_or_is_seated",
    ),
    Mutant(
        "The session that was idle for the longest time gives way first.",
        "server/core/shares.py",
        "            self._levels[self.count(holder), self._lowest(holder)].move_to_end(holder)\n",
        "",
        f"{MEMORY}::test_without_circuits_the_longest_idle_unseated_session_gives_way",
    ),
    Mutant(
        "Places count by circuit, where circuits are known.",
        "server/core/session/session.py",
        "return self.circuit or self.handle",
        "return self.handle",
        f"{MEMORY}::test_circuit_with_most_sessions_gives_way_to_a_newcomer",
    ),
    Mutant(
        "New sessions are limited by circuit.",
        "server/store/memory/store.py",
        "        self._new_sessions.take(circuit, now_s)\n",
        "",
        f"{MEMORY}::test_rate_of_new_sessions_is_limited_by_circuit",
    ),
    Mutant(
        "The stream of a member is never refused.",
        "server/store/memory/session_places.py",
        "        if session.handle in self._streams:\n            return None\n",
        "",
        f"{MEMORY}::test_member_whose_line_breaks_always_gets_the_stream_back",
    ),
    Mutant(
        "The place of a member's stream is reserved while the line is broken.",
        "server/store/memory/tables.py",
        "bool(session.seats or session.knocks) or waits or handle in self.streams",
        "handle in self.streams",
        f"{MEMORY}::test_member_whose_line_breaks_always_gets_the_stream_back",
    ),
    Mutant(
        "A private room in which somebody else is does not give way as an unused one does.",
        "server/store/memory/private_rooms.py",
        "is_used = room.head_count > 1",
        "is_used = False",
        f"{MEMORY}::test_private_rooms_are_bounded",
    ),
    Mutant(
        "Wrong codes of a circuit outlive the session that was made for the guess.",
        "server/store/memory/private_rooms.py",
        "self.guesses.take(session.circuit, now_s)",
        "self.guesses.take(None, now_s)",
        f"{MEMORY}::test_wrong_codes_of_a_circuit_outlive_their_sessions",
    ),
    Mutant(
        "A right code enters, however many circuits guess.",
        "server/core/fair_rate.py",
        "if self._common is not None and (own is not None or circuit is None):",
        "if self._common is not None:",
        f"{MEMORY}::test_right_invitation_always_enters_whoever_guesses",
    ),
    Mutant(
        "Nothing of a circuit is kept when its sessions are gone.",
        "server/store/memory/tables.py",
        "        self._rematches.disown(session.codes)\n",
        "",
        "tests/store/memory/test_day.py"
        "::test_nothing_is_left_of_a_circuit_when_its_sessions_are_gone",
    ),
    Mutant(
        "Somebody alone on their circuit meets no limit, whatever one attacker takes.",
        "server/core/session/session.py",
        "return self.circuit or self.handle",
        "return self.handle",
        "tests/web/test_shares.py::test_people_alone_on_their_circuits_meet_no_limit_in_an_hour",
    ),
)


RENEWAL = (
    Mutant(
        "Whoever leaves their last conversation gets a new secret.",
        "server/store/memory/tables.py",
        "        session.is_secret_stale |= not session.seats\n",
        "",
        "tests/store/memory/test_sealed.py::test_old_copy_of_the_store_opens_nothing_with_the_new_cookie",
    ),
    Mutant(
        "The answer to an exit sets the new cookie.",
        "server/web/app.py",
        "    app.after_request(renewal.send_new_cookie)\n",
        "",
        "tests/web/test_renewal.py::test_answer_to_an_exit_sets_a_new_cookie",
    ),
    Mutant(
        "Nothing in the store opens with a secret that was renewed.",
        "server/store/memory/renewal.py",
        "    seat.room.keys.epochs.move_member(member.number, session.identity.public_key, keyring)\n",
        "",
        "tests/store/memory/test_sealed.py::test_new_store_opens_nothing_with_the_old_cookie",
    ),
    Mutant(
        "Never meet again holds after a secret was renewed.",
        "server/store/memory/renewal.py",
        "        self._match_queue.rename(old, new, rooms)\n",
        "",
        "tests/store/memory/test_memory.py::test_block_holds_after_both_secrets_were_renewed",
    ),
    Mutant(
        "A button pressed again before its answer came does not lose the session.",
        "server/web/edge/activity.py",
        "issued = await follow(secret) if is_followed else None",
        "issued = None",
        "tests/web/test_renewal.py::test_button_pressed_again_before_the_answer_came_works",
    ),
    Mutant(
        "The form of a page with the old cookie is accepted while the new one is on its way.",
        "server/web/edge/cookies.py",
        'return [] if secret is None else [secret.handle, *g.get("former_handles", ())]',
        "return [] if secret is None else [secret.handle]",
        "tests/web/test_renewal.py::test_form_of_another_tab_is_accepted_until_the_new_cookie_is_used",
    ),
    Mutant(
        "The old cookie leads nowhere once the new one was used.",
        "server/store/memory/store.py",
        "            self._see_secret(session, now_s)\n",
        "            pass\n",
        "tests/web/test_renewal.py::test_old_cookie_is_a_strangers_once_the_new_one_was_used",
    ),
    Mutant(
        "A forgotten session leaves no former handle.",
        "server/store/memory/tables.py",
        "        self._former.forget(session)\n",
        "",
        "tests/store/memory/test_memory.py::test_forgotten_session_leaves_no_former_secret",
    ),
    Mutant(
        "A member whose secret is renewed during a key change gets the next key.",
        "server/core/crypto/epochs.py",
        "self._members_without_box = moved",
        "self._members_without_box = {}",
        "tests/core/crypto/test_epochs.py::test_member_who_moves_between_two_steps_gets_a_key",
    ),
    Mutant(
        "A stream that has the old secret ends.",
        "server/store/memory/renewal.py",
        "        self._signals.append(EndStream(new, StreamEnd.MOVED))\n",
        "",
        "tests/store/memory/test_memory.py::test_open_stream_moves_and_its_traffic_is_counted",
    ),
)

READY = "tests/web/test_ready_pages.py"

READY_PAGES = (
    Mutant(
        "A kept page is made anew when its token or what it shows changes.",
        "server/web/edge/ready_pages.py",
        "if ready is None or ready.moment != moment:",
        "if ready is None:",
        f"{READY}::test_ready_page_has_the_present_token_at_every_moment",
    ),
    Mutant(
        "The list of rooms shows the published head counts.",
        "server/web/edge/ready_pages.py",
        "rooms = await self._store.list_rooms(None) if variant.path == ROOMS_PATH else ()",
        "rooms = ()",
        f"{READY}::test_rooms_show_the_published_head_counts_at_every_moment",
    ),
    Mutant(
        "A session never gets a page that is kept for everybody.",
        "server/web/edge/ready_pages.py",
        "if caller.secret is not None and await self._store.is_known(caller.secret):",
        "if False:",
        f"{READY}::test_request_of_a_session_is_always_forwarded",
    ),
    Mutant(
        "The answer to a bug is not kept.",
        "server/web/edge/ready_pages.py",
        "self.status < 500",
        "self.status < 600",
        f"{READY}::test_answer_to_a_bug_is_sent_and_not_kept",
    ),
    Mutant(
        "The number of kept pages is bounded.",
        "server/web/edge/anonymous.py",
        "return NOWHERE_AFTER_FORM if is_after_form else NOWHERE",
        "return path",
        f"{READY}::test_number_of_kept_answers_is_bounded",
    ),
    Mutant(
        "A kept page is made for a request that holds nothing of a visitor.",
        "server/web/edge/ready_pages.py",
        "        variant = self._variants.find(scope, caller)\n",
        "        variant = self._variants.find(scope, caller)\n"
        "        self._ready[variant, scope['path']] = None\n",
        f"{READY}::test_nothing_of_a_visitor_is_in_what_is_kept",
    ),
    Mutant(
        "A cookie that names no session gets the token of a first form, which expires.",
        "server/web/edge/first_visit.py",
        "if secret is None or not g.is_known:",
        "if secret is None:",
        f"{READY}::test_every_cookie_without_a_session_makes_no_difference",
    ),
    Mutant(
        "The last ready response of a connection says that it is the last.",
        "server/http/connection.py",
        "response.last_head() if is_last else response.head",
        "response.head",
        "tests/http/test_ready.py::test_last_ready_response_of_a_connection_says_so",
    ),
    Mutant(
        "A ready response has the headers that every response has.",
        "server/web/edge/ready_pages.py",
        "headers = with_everywhere(self.headers)",
        "headers = self.headers",
        "tests/http/test_ready.py::test_ready_response_is_the_same_on_the_wire",
    ),
)


DRAW = "tests/core/matching/test_draw.py"

MATCHING = (
    Mutant(
        "A match is drawn evenly among those who fit.",
        "server/core/matching/draw.py",
        "return fitting[self._rules.chance.below(len(fitting))] if fitting else None",
        "return fitting[0] if fitting else None",
        f"{DRAW}::test_every_ticket_that_fits_is_equally_likely",
    ),
    Mutant(
        "A ticket with many languages is not more likely to be drawn.",
        "server/core/matching/draw.py",
        "if entries <= 1 or chance.below(entries) == 0:",
        "if entries:",
        f"{DRAW}::test_ticket_under_many_keys_is_not_more_likely",
    ),
    Mutant(
        "Each draw leaves some newcomers out.",
        "server/core/matching/draw.py",
        "if self._rules.chance.happens(self._rules.left_out):",
        "if False:",
        f"{DRAW}::test_fresh_ticket_is_left_out_of_one_draw_at_most",
    ),
    Mutant(
        "Nobody is left out of two draws.",
        "server/core/matching/draw.py",
        "            due.settle(order)\n",
        "",
        f"{DRAW}::test_two_newcomers_meet_within_two_draws_whatever_the_chance",
    ),
    Mutant(
        "Two of one circuit are matched before anybody else.",
        "server/core/matching/draw.py",
        "if not is_here or not mates_may_match(older, younger):",
        "if True:",
        f"{DRAW}::test_two_of_a_circuit_are_matched_before_anybody_else",
    ),
    Mutant(
        "Two of one circuit that cannot meet count as one.",
        "server/core/matching/draw.py",
        "return self._playing[circuit] == ticket.order",
        "return True",
        f"{DRAW}::test_two_of_a_circuit_that_cannot_meet_count_as_one",
    ),
    Mutant(
        "A circuit has two waiting tickets at most.",
        "server/core/matching/circuits.py",
        "        if len(orders) <= MAX_CIRCUIT_TICKETS:\n",
        "        if orders:\n",
        f"{DRAW}::test_third_ticket_of_a_circuit_displaces_the_oldest",
    ),
    Mutant(
        "A session that takes many matches has to pause.",
        "server/store/memory/matching.py",
        "            session.count_match(now_s)\n",
        "            pass\n",
        f"{MEMORY}::test_session_that_takes_many_matches_has_to_pause",
    ),
    Mutant(
        "A circuit that takes many matches has to pause.",
        "server/store/memory/matching.py",
        "        self._match_queue.count_match((first.circuit, second.circuit), now_s)\n",
        "",
        f"{MEMORY}::test_new_session_of_a_circuit_has_to_pause_too",
    ),
    Mutant(
        "A circuit is forgotten when nothing of it counts any more.",
        "server/store/memory/match_queue.py",
        "            del self._circuit_pauses[circuit]\n",
        "            pass\n",
        f"{MEMORY}::test_circuit_is_unreachable_when_nothing_of_it_counts",
    ),
    Mutant(
        "A topic that is also a limit is refused.",
        "server/web/edge/match_form.py",
        "    if chosen & limits:\n        raise ContradictionError\n",
        "",
        "tests/web/test_matching.py::test_topic_that_is_a_limit_too_is_refused_and_kept",
    ),
    Mutant(
        "A page from which Next keeps limits shows them.",
        "server/web/membership.py",
        "return topic_names(mine.limits) if mine else []",
        "return []",
        "tests/web/test_matching.py::test_limits_that_next_keeps_are_shown_wherever_next_is",
    ),
    Mutant(
        "Who can be matched never sees the waiting page.",
        "server/web/views/drawing.py",
        "        for _ in range(ANSWER_DRAWS):\n",
        "        for _ in range(0):\n",
        "tests/web/test_draws.py::test_two_who_ask_at_the_same_time_go_straight_to_the_chat",
    ),
    Mutant(
        "A newcomer who disconnects before the draw is forgotten.",
        "server/web/edge/first_visit.py",
        "    if has_disconnected():\n",
        "    if False:\n",
        "tests/process/test_draws.py::test_newcomer_who_disconnects_before_the_draw_is_forgotten",
    ),
    Mutant(
        "A position in a long queue is found without passing every block.",
        "server/core/matching/sorted_ints.py",
        "block_index = bisect_right(self._sums(), index)",
        "block_index = next(b for b, end in enumerate(self._sums()) if end > index)",
        "tests/core/matching/test_sorted_ints.py::test_steps_grow_no_faster_than_a_logarithm",
    ),
    Mutant(
        "A draw after many tickets does not pass the places of those that have left.",
        "server/core/matching/due.py",
        "        self._starts = dict(self._starts)\n",
        "",
        "tests/core/matching/test_due.py::test_draw_after_many_tickets_does_not_pass_their_places",
    ),
    Mutant(
        "An arrival in a long queue takes hardly more steps than in a short one.",
        "server/core/matching/due.py",
        "        self._starts = dict(self._starts)\n",
        "        list(filter(lambda order: order < 0, self._scheduled[-1][1].iter_from(0)))\n",
        "tests/bench/test_arrivals.py::test_steps_of_an_arrival_grow_no_faster_than_a_logarithm",
    ),
)

LOOKOUT = "tests/core/matching/test_lookout.py"
CROWD = "tests/core/test_crowd.py"
WAIT = "tests/web/test_wait.py"

WAITING = (
    Mutant(
        "Of those who speak another language no single arrival or departure is shown.",
        "server/core/matching/lookout.py",
        "        if now_s >= self._next_s:\n",
        "        if True:\n",
        f"{LOOKOUT}::test_arrival_and_departure_show_at_the_next_look_only",
    ),
    Mutant(
        "A ticket tries one combination of languages in each look.",
        "server/core/matching/lookout.py",
        "own in self._seen and any(",
        "any(",
        f"{LOOKOUT}::test_ticket_that_changes_its_languages_is_told_nothing_before_the_next_look",
    ),
    Mutant(
        "The times between two looks show no clock.",
        "server/core/matching/lookout.py",
        "drawn_between(LOOK_S, LOOK_MAX_S)",
        "LOOK_MAX_S",
        f"{LOOKOUT}::test_time_between_two_looks_shows_no_clock",
    ),
    Mutant(
        "Somebody who has just come is not shown to those who wait.",
        "server/core/matching/lookout.py",
        " or ticket.waited_s(now_s) < LOOK_AGE_S",
        "",
        f"{LOOKOUT}::test_newcomer_is_neither_seen_nor_told",
    ),
    Mutant(
        "Somebody who is no longer there is not said to wait.",
        "server/core/matching/lookout.py",
        "if ticket.present_until_s >= now_s:",
        "if True:",
        f"{LOOKOUT}::test_absent_visitor_is_not_seen",
    ),
    Mutant(
        "A look costs the same in a queue of any length.",
        "server/core/matching/lookout.py",
        "number >= LOOK_TICKETS or ",
        "",
        f"{LOOKOUT}::test_look_reads_the_longest_waiting_tickets_only",
    ),
    Mutant(
        "Two people who share no language learn that somebody waits.",
        "server/core/matching/matchmaker.py",
        "        self._lookout.look(self._waiting, now_s)\n",
        "",
        f"{WAIT}::test_two_who_share_no_language_learn_of_each_other_and_meet",
    ),
    Mutant(
        "The waiting page says how long one has waited, also while it is open.",
        "server/web/feeds/wait.py",
        "        if now == self._shown or state.is_rematch:\n",
        "        if True:\n",
        f"{WAIT}::test_waiting_stream_updates_the_time_in_one_cell",
    ),
    Mutant(
        "The number of people on the start page stays for minutes.",
        "server/core/crowd.py",
        "        if now_s >= self._until_s:\n",
        "        if True:\n",
        f"{CROWD}::test_published_number_stays_for_minutes",
    ),
    Mutant(
        "Coming and going around a step does not change the number on the start page.",
        "server/core/crowd.py",
        "min(max(self._shown, lowest), highest)",
        "lowest",
        f"{CROWD}::test_coming_and_going_around_a_step_changes_nothing",
    ),
    Mutant(
        "Nobody can tell by sessions of their own whether one other person is here.",
        "server/core/crowd.py",
        "drawn_between(*UP)",
        "UP[0]",
        f"{CROWD}::test_number_that_is_needed_for_a_step_is_drawn",
    ),
    Mutant(
        "The ready start page shows the published number of people.",
        "server/web/edge/ready_pages.py",
        "come_in_h, rooms, people, await",
        "come_in_h, rooms, await",
        "tests/web/test_ready_pages.py"
        "::test_start_page_shows_the_published_number_of_people_at_every_moment",
    ),
    Mutant(
        "The title does not say that somebody is here after they have left.",
        "server/web/membership.py",
        "gettext(HERE if self.chat.is_open else LEFT)",
        "gettext(HERE)",
        "tests/web/test_chat.py::test_title_says_whether_the_partner_is_still_here",
    ),
    Mutant(
        "The traffic of an hour is estimated only when there is enough to estimate from.",
        "server/web/views/mine.py",
        "    if lifetime.age_s >= ESTIMATE_AFTER_S:\n",
        "    if lifetime.age_s > 0:\n",
        "tests/web/test_mine.py::test_traffic_of_an_hour_is_estimated_only_after_some_time",
    ),
    Mutant(
        "The page “My session” lists the name of the circuit where circuits are known.",
        "templates/mine.html",
        "{% if knows_circuits %}",
        "{% if false %}",
        "tests/web/test_mine.py::test_name_of_the_circuit_is_listed_where_circuits_are_known",
    ),
    Mutant(
        "The page “Privacy” states limits before promises.",
        "templates/privacy.html",
        '<h2>{{ _("What is not protected") }}</h2>',
        "",
        "tests/web/test_privacy.py::test_limits_come_before_promises",
    ),
)


RATES = (
    Mutant(
        "The sessions of one circuit share a limit of joins for each room.",
        "server/core/fair_rate.py",
        "            self._own_bucket(circuit, now_s).take(now_s)\n",
        "            self._own_bucket(circuit, now_s)\n",
        f"{MEMORY}::test_flood_of_joins_by_one_circuit_is_small_and_keeps_nobody_out",
    ),
    Mutant(
        "A room has a limit of joins.",
        "server/core/arrivals.py",
        "every_s=CIRCUIT_JOIN_EVERY_S, common=common)",
        "every_s=CIRCUIT_JOIN_EVERY_S)",
        f"{MEMORY}::test_flood_of_joins_is_limited_by_room",
    ),
    Mutant(
        "Nobody who is alone on their circuit meets the circuit's limit of joins.",
        "server/core/limits.py",
        "CIRCUIT_JOIN_EVERY_S = JOIN_EVERY_S / 2",
        "CIRCUIT_JOIN_EVERY_S = JOIN_EVERY_S",
        f"{MEMORY}::test_session_alone_on_its_circuit_meets_only_its_own_limit",
    ),
    Mutant(
        "An entry by invitation counts as a join of the room.",
        "server/store/memory/private_rooms.py",
        "        session.count_join(now_s, (room,))\n",
        "        session.count_join(now_s)\n",
        f"{MEMORY}::test_entries_by_invitation_count_as_joins",
    ),
    Mutant(
        "An entry by invitation that is refused makes nobody give way.",
        "server/store/memory/private_rooms.py",
        "            session.check_join(now_s, (room,))\n",
        "",
        f"{MEMORY}::test_refused_join_makes_nobody_give_way",
    ),
    Mutant(
        "A join that is refused makes nobody give way.",
        "server/store/memory/public_rooms.py",
        "            session.check_join(now_s, place.joined)\n",
        "",
        f"{MEMORY}::test_refused_join_makes_nobody_give_way",
    ),
    Mutant(
        "A former cookie moves a seat no faster than a room is joined.",
        "server/store/memory/renewal.py",
        "            session.count_join(now_s, rooms)\n",
        "",
        f"{MEMORY}::test_former_secret_moves_a_seat_no_faster_than_a_room_is_joined",
    ),
    Mutant(
        "Seats moved by former cookies count for the circuit.",
        "server/store/memory/renewal.py",
        "            session.count_join(now_s, rooms)\n",
        "            session.count_join(now_s)\n",
        f"{MEMORY}::test_sessions_of_a_circuit_share_the_limit_of_moved_seats",
    ),
    Mutant(
        "Panic works with a former cookie, however often it was sent.",
        "server/web/edge/activity.py",
        "is_followed = settings is None and request.endpoint != PANIC_ENDPOINT",
        "is_followed = settings is None",
        "tests/web/test_renewal.py::test_old_cookie_sent_again_and_again_has_to_wait_and_can_panic",
    ),
    Mutant(
        "An entry that nobody opens is taken away.",
        "server/store/memory/store.py",
        "            self._drop_entry(entry)\n",
        "            pass\n",
        f"{MEMORY}::test_entry_that_nobody_opens_gives_its_use_back",
    ),
    Mutant(
        "The use of an entry that nobody has opened is given back.",
        "server/core/room/private.py",
        "            self.uses += 1\n",
        "",
        "tests/web/test_private.py::test_newcomer_who_presses_twice_loses_no_use",
    ),
    Mutant(
        "An entry that was opened uses the invitation up.",
        "server/store/memory/tables.py",
        "        self._private.opened(chat_id)\n        return seat\n",
        "        return seat\n",
        f"{MEMORY}::test_entry_that_is_opened_uses_the_invitation_up",
    ),
    Mutant(
        "A use is not given back for ever.",
        "server/core/room/private.py",
        "            self.returns -= 1\n",
        "",
        f"{MEMORY}::test_use_is_not_given_back_for_ever",
    ),
    Mutant(
        "A reserved use is nobody else's.",
        "server/core/room/private.py",
        "        self.uses -= 1\n        self.reserved += 1\n",
        "        self.reserved += 1\n",
        f"{MEMORY}::test_entry_that_nobody_opens_gives_its_use_back",
    ),
    Mutant(
        "A knock that is turned away uses the invitation up.",
        "server/store/memory/conversations.py",
        "                self._private.opened(knocker.chat_id)\n",
        "",
        f"{MEMORY}::test_knock_that_is_turned_away_uses_the_invitation_up",
    ),
)

PANIC = "tests/web/test_panic.py"

DULL = (
    Mutant(
        "A link from elsewhere to the dull page clears nothing.",
        "server/web/edge/caller.py",
        'return self.fetch_site not in (None, "same-origin")',
        "return False",
        f"{PANIC}::test_link_from_elsewhere_to_the_dull_page_clears_nothing",
    ),
    Mutant(
        "The dull page does not clear the cookie of a session that began after Panic.",
        "server/web/views/panic.py",
        "if not g.is_known and not",
        "if not",
        f"{PANIC}::test_dull_page_does_not_clear_the_cookie_of_a_new_session",
    ),
    Mutant(
        "Every URL of a conversation without a session has one answer.",
        "server/web/edge/anonymous.py",
        "        if is_conversation(path) and not is_after_form:\n            return CONVERSATION\n",
        "",
        f"{PANIC}::test_urls_of_conversations_without_a_session_show_the_dull_page",
    ),
    Mutant(
        "The URL of a conversation without a session shows the dull page.",
        "server/web/edge/error_pages.py",
        "    if (nobodys := _page_of_nobody(NOT_FOUND.status)) is not None:\n"
        "        return nobodys\n    special",
        "    special",
        f"{PANIC}::test_urls_of_conversations_without_a_session_show_the_dull_page",
    ),
    Mutant(
        "Back after Panic does not lead to the page about cookies.",
        "server/web/edge/cookies.py",
        "return caller.fetch_site is None if is_conversation(path) else",
        "return True if is_conversation(path) else",
        f"{PANIC}::test_back_after_panic_does_not_look_like_a_refused_cookie",
    ),
    Mutant(
        "A page in a frame has no links of its own beside its sentence.",
        "server/web/edge/error_pages.py",
        "framed=request.endpoint in FRAMED,",
        "framed=False,",
        f"{PANIC}::test_frames_of_another_conversation_show_one_sentence",
    ),
    Mutant(
        "The home page says once that a conversation was left.",
        "server/store/memory/store.py",
        "parting, session.parting = session.parting, None",
        "parting = session.parting",
        f"{PANIC}::test_home_page_says_once_that_a_conversation_was_left",
    ),
    Mutant(
        "What something new has followed is not told any more.",
        "server/store/memory/tables.py",
        "        session.parting = None\n",
        "",
        f"{PANIC}::test_what_a_new_conversation_follows_is_not_told_any_more",
    ),
    Mutant(
        "A window whose wait was displaced is told so.",
        "server/store/memory/tables.py",
        "            self._sessions[ticket.handle].parting = Parting.DISPLACED\n",
        "",
        f"{PANIC}::test_window_whose_wait_was_displaced_is_told_so_once",
    ),
)


CHAT_PAGE = (
    Mutant(
        "A message shows its name after one of another member.",
        "server/core/room/log.py",
        "            and self.sender == before.sender\n",
        "",
        "tests/core/room/test_log.py"
        "::test_message_continues_only_the_one_right_before_it_of_the_same_sender",
    ),
    Mutant(
        "A message of an unmuted member shows its name.",
        "server/web/feeds/chat.py",
        "        self._repeats_names = True\n",
        "        self._repeats_names = False\n",
        f"{BROADCAST}::test_unmuted_member_never_stands_below_the_name_of_another",
    ),
    Mutant(
        "A message that continued a deleted one shows its name.",
        "server/web/render/entries.py",
        "{gone}+.s>bdi{{{NAMED}}}",
        "",
        "tests/web/test_people.py::test_own_messages_are_listed_and_can_be_deleted",
    ),
    Mutant(
        "Closing a room is asked about once.",
        "templates/_host.html",
        'href="/chat/{{ member.chat_id }}/people?close=1"',
        'href="/chat/{{ member.chat_id }}/people"',
        "tests/web/test_private.py::test_page_asks_once_before_an_act_that_hits_others",
    ),
)


REFUSALS = (
    Mutant(
        "A form of a session is never answered with a page.",
        "server/web/refusals.py",
        '    kept_id = await _keep(path.partition("?")[0], refusal)\n',
        "    kept_id = None\n",
        "tests/web/test_refusals.py::test_every_refusal_of_every_form_leads_to_a_page_that_shows_it",
    ),
    Mutant(
        "What was refused is shown on no other page.",
        "server/web/refusals.py",
        "    if place == request.path:\n",
        "    if place:\n",
        "tests/web/test_refusals.py::test_only_that_page_shows_the_words_and_only_for_a_while",
    ),
    Mutant(
        "What was refused is shown for five minutes.",
        "server/core/session/kept.py",
        "if kept_id not in (None, self.id) or now_s >= self.until_s:",
        "if kept_id not in (None, self.id):",
        "tests/web/test_refusals.py::test_only_that_page_shows_the_words_and_only_for_a_while",
    ),
    Mutant(
        "A form from elsewhere puts no words into a field.",
        "server/web/refusals.py",
        "if secret is None or not g.is_known or not is_own_post():",
        "if secret is None or not g.is_known:",
        "tests/web/test_refusals.py::test_form_from_elsewhere_keeps_nothing",
    ),
    Mutant(
        "A frame keeps its URL, so that Back does not lead to words that were sent long ago.",
        "server/web/refusals.py",
        '    if _is_in_frame(path.partition("?")[0]):\n',
        "    if False:\n",
        "tests/web/test_refusals.py::test_form_in_a_frame_leads_to_the_url_that_the_frame_has",
    ),
    Mutant(
        "An accepted message ends what is kept.",
        "server/store/memory/conversations.py",
        "        self._drop_kept(session)\n",
        "",
        "tests/web/test_refusals.py::test_form_in_a_frame_leads_to_the_url_that_the_frame_has",
    ),
    Mutant(
        "The words of a refused form are sealed to their visitor.",
        "server/core/crypto/seal.py",
        "        return bytes(Aead(self._own_key()).encrypt(sodium_pad(plaintext, size), position))\n",
        "        return bytes(Aead(bytes(32)).encrypt(sodium_pad(plaintext, size), position))\n",
        "tests/core/session/test_kept.py::test_words_open_for_their_visitor_until_their_time",
    ),
    Mutant(
        "Refused forms are bounded, and shared fairly by circuit.",
        "server/store/memory/store.py",
        "            crowded_out = self._kept_places.to_give_way(session.holder)\n",
        "            crowded_out = None\n",
        f"{MEMORY}::test_kept_forms_are_bounded_and_shared_by_circuit",
    ),
    Mutant(
        "A refused form ends with its session.",
        "server/store/memory/tables.py",
        "            self._kept_places.release(session.handle)\n\n    def _drop_kept",
        "            pass\n\n    def _drop_kept",
        f"{MEMORY}::test_kept_form_is_unreachable_after_its_session",
    ),
    Mutant(
        "The next host is not shown the code of the one before.",
        "server/store/memory/member_view.py",
        "return found if found is not None and found.issuer == seat.member.number else None",
        "return found",
        f"{MEMORY}::test_invitation_is_shown_again_to_who_issued_it",
    ),
    Mutant(
        "That a conversation was left is said to nobody else.",
        "server/store/memory/store.py",
        "if chat_id in (None, each.chat_id)), None)",
        "), Departure.LEFT)",
        "tests/web/test_chat.py::test_id_of_a_left_chat_is_known_for_a_while_to_who_left_it",
    ),
    Mutant(
        "When the server is ended, everybody's stream ends whole before tor does.",
        "server/supervisor/up.py",
        "        stack.push_async_callback(end_in_order, web, service)\n",
        "",
        "tests/e2e/test_up.py::test_server_keeps_its_address_after_a_crash",
    ),
    Mutant(
        "The operator can replace the web process, and everybody's stream ends whole.",
        "server/supervisor/watching.py",
        "        self._replaced.set()\n",
        "",
        "tests/e2e/test_up.py::test_operator_replaces_the_web_process_and_burns_the_server",
    ),
    Mutant(
        "A wrong configuration refuses `restart`, and nothing is ended.",
        "server/supervisor/up.py",
        "    options.check()\n    watching.replace_web()\n",
        "    watching.replace_web()\n",
        "tests/e2e/test_up.py::test_operator_replaces_the_web_process_and_burns_the_server",
    ),
    Mutant(
        "Who comes between two web processes is served by the second.",
        "server/serve.py",
        "        return inherited(config.socket_fd)\n",
        "        config.socket.unlink()\n        return listening_on(config.socket.absolute())\n",
        "tests/supervisor/test_webprocess.py"
        "::test_who_comes_between_two_web_processes_is_served_by_the_second",
    ),
    Mutant(
        "The last valid configuration stands while the file is wrong.",
        "server/supervisor/last_good.py",
        "            if self._text is None:\n                raise\n",
        "            raise\n",
        "tests/supervisor/test_last_good.py::test_last_valid_one_stands_while_the_file_is_wrong",
    ),
    Mutant(
        "A session that ended in this start leaves the dull page, not the one about a restart.",
        "server/core/session/mint.py",
        "return secret.is_marked(self._key)",
        "return False",
        "tests/web/test_restarted.py::test_session_that_ended_in_this_start_leaves_the_dull_page",
    ),
    Mutant(
        "Whoever has a cookie of an earlier start reads that everything is forgotten.",
        "server/core/session/mint.py",
        "return secret.is_marked(self._key)",
        "return True",
        "tests/web/test_restarted.py::test_page_says_it_in_every_language_and_leads_to_the_start",
    ),
    Mutant(
        "`burn` ends the server.",
        "server/supervisor/up.py",
        "    signal.raise_signal(signal.SIGTERM)\n",
        "",
        "tests/e2e/test_up.py::test_operator_replaces_the_web_process_and_burns_the_server",
    ),
    Mutant(
        "`burn` does nothing unasked.",
        "server/cli.py",
        "        if not yes:\n",
        "        if False:\n",
        "tests/e2e/test_up.py::test_operator_replaces_the_web_process_and_burns_the_server",
    ),
    Mutant(
        "Somebody who was removed from a room is told that it was the host.",
        "server/core/session/departure.py",
        "return Departure.REMOVED if kind is Kind.REMOVED else Departure.ENDED",
        "return Departure.ENDED",
        "tests/web/test_private.py::test_removing_a_member_ends_their_stream",
    ),
    Mutant(
        "A pressed name keeps what was typed.",
        "server/web/views/composer.py",
        'f"{mention} {text.removeprefix(mention).strip()}".strip()',
        "mention",
        "tests/web/test_writers.py::test_pressed_name_keeps_the_text_and_mentions_the_person",
    ),
    Mutant(
        "A newcomer is not told who wrote before they came.",
        "server/core/room/room.py",
        "if entry.seq <= member.joined_seq or len(writers)",
        "if len(writers)",
        "tests/web/test_writers.py::test_newcomer_is_not_told_who_wrote_before",
    ),
    Mutant(
        "What is typed after a refusal stands behind the kept words.",
        "server/web/views/composer.py",
        "' '}{more}\"",
        "' '}\"",
        "tests/web/test_refusals.py::test_kept_words_and_what_is_typed_below_are_one_message",
    ),
    Mutant(
        "Whatever stands between the words of a code does not matter.",
        "server/core/invite_code.py",
        'return char.isalnum() or unicodedata.category(char).startswith("M")',
        "return not char.isspace()",
        "tests/core/test_invite_code.py::test_what_stands_around_a_code_does_not_matter",
    ),
    Mutant(
        "An empty line after a form is passed over.",
        "server/http/connection.py",
        "if self.their_state in (h11.IDLE, h11.MUST_CLOSE) and not self._has_passed_line:",
        "if False:",
        "tests/process/test_wire.py::test_empty_line_after_a_form_is_passed_over",
    ),
    Mutant(
        "An empty line after a form of w3m, in HTTP/1.0, is passed over.",
        "server/http/connection.py",
        "if self.their_state in (h11.IDLE, h11.MUST_CLOSE) and",
        "if self.their_state is h11.IDLE and",
        "tests/process/test_wire.py::test_empty_line_after_a_form_of_w3m_is_passed_over",
    ),
)

ACCESS = (
    Mutant(
        "Each page has a title, also one in a frame.",
        "templates/live.html",
        '<title>{{ _("Conversation") }}</title>',
        "",
        "tests/access/test_every_page.py::test_axe_finds_nothing",
    ),
    Mutant(
        "Each link is large enough for a finger.",
        "templates/style.css",
        "a { display: inline-block; min-height: 24px; color: var(--a) }",
        "a { color: var(--a) }",
        "tests/access/test_every_page.py::test_axe_finds_nothing",
    ),
    Mutant(
        "Each text has a contrast of 7:1 in the dark scheme, too.",
        "templates/style.css",
        "--a: light-dark(#6b3410,#f0b98d)",
        "--a: light-dark(#6b3410,#b07040)",
        "tests/access/test_every_page.py::test_every_text_has_enough_contrast_in_the_dark_scheme",
    ),
    Mutant(
        "Tab follows the eye.",
        "templates/style.css",
        "footer, form { display: flex;",
        "footer, form { display: flex; flex-direction: row-reverse;",
        "tests/access/test_chat_page.py"
        "::test_tab_reaches_everything_on_the_chat_page_in_the_order_of_the_eye",
    ),
    Mutant(
        "One chord presses Panic from every frame.",
        "templates/_panic.html",
        " accesskey=x",
        "",
        "tests/access/test_chat_page.py::test_one_chord_presses_panic_from_every_frame",
    ),
    Mutant(
        "The box of a message is seen in forced colours.",
        "templates/style.css",
        "border: 1px solid #0000; border-radius: 6px",
        "outline: 1px solid #0000; border-radius: 6px",
        "tests/access/test_chat_page.py::test_boxes_of_messages_are_seen_in_forced_colours",
    ),
)

BRIDGES = (
    Mutant(
        "A Bridge line without UseBridges 1 gets it by itself.",
        "onion/bridges/plan.py",
        '        ("UseBridges", "1"),\n        *(("Bridge"',
        '        *((("UseBridges", "1"),) if found.uses else ()),\n        *(("Bridge"',
        f"{BRIDGE_PLAN}::test_bridge_line_without_its_use_gets_it_and_a_note",
    ),
    Mutant(
        "UseBridges 0 beside a bridge is refused.",
        "onion/bridges/plan.py",
        'if any(value != "1" for value in found.uses):',
        'if all(value != "1" for value in found.uses) and found.uses:',
        f"{BRIDGE_PLAN}::test_use_that_is_switched_off_beside_a_bridge_is_refused",
    ),
    Mutant(
        "No tor is launched around a bridge.",
        "onion/launch/torrc.py",
        'if bridges and {value for name, value in named if name == "usebridges"} != {"1"}:',
        'if bridges and ("usebridges", "0") in named:',
        f"{BRIDGE_PLAN}::test_tor_is_never_launched_around_a_bridge",
    ),
    Mutant(
        "An abbreviation does not set an option of bridges unseen.",
        "onion/launch/user_torrc.py",
        'return "" if name in whole else next(found, "")',
        'return ""',
        "tests/onion/launch/test_user_torrc.py"
        "::test_line_that_leaves_a_bridge_unused_is_refused_at_its_place",
    ),
    Mutant(
        "Nothing goes out beside the bridge.",
        "onion/launch/torrc.py",
        "for name, value in options)\n\n\ndef service_options",
        "for name, value in options if name != 'UseBridges')\n\n\ndef service_options",
        "tests/e2e/test_behind_a_bridge.py"
        "::test_server_behind_a_bridge_is_visited_and_nothing_goes_beside",
    ),
    Mutant(
        "The web process is told nothing of bridges.",
        "server/config/handover.py",
        "if key not in keys}",
        "if key}",
        "tests/config/test_handover.py::test_bridges_are_left_out_however_they_are_written",
    ),
    Mutant(
        "A configuration with bridges is refused where it has no effect.",
        "server/cli.py",
        "if loaded.tor.bridges:",
        "if loaded.tor.bridges and not socket_path:",
        "tests/process/test_config.py::test_bridges_that_would_have_no_effect_stop_the_start",
    ),
)

SOCKET_GROUP = (
    Mutant(
        "A folder that is open to others is refused.",
        "server/process/socket_group.py",
        "if mode & (stat.S_IWGRP | stat.S_IRWXO):",
        "if mode & stat.S_IWGRP:",
        "tests/process/test_socket_group.py"
        "::test_folder_of_another_mode_is_refused_and_stays_as_it_is",
    ),
    Mutant(
        "Nobody but the group of tor's user reaches the socket.",
        "server/process/socket_group.py",
        "SOCKET_MODE = 0o660",
        "SOCKET_MODE = 0o600",
        "tests/process/test_socket_group.py"
        "::test_tors_user_reaches_the_visitors_socket_and_nobody_else",
    ),
    Mutant(
        "A folder that is there keeps its mode.",
        "server/process/socket_group.py",
        "    if not folder.exists():\n        folder.mkdir(mode=0o700, parents=True)",
        "    if True:\n        folder.mkdir(mode=0o700, parents=True, exist_ok=True)",
        "tests/process/test_socket_group.py"
        "::test_folder_of_another_mode_is_refused_and_stays_as_it_is",
    ),
    Mutant(
        "A folder above that stops tor is named.",
        "server/process/socket_group.py",
        "if not _may_pass(parent, group):",
        "if not parent.exists():",
        "tests/process/test_socket_group.py::test_folder_above_that_stops_the_group_is_named",
    ),
)

CONFIGURATION = (
    Mutant(
        "The operator's words on the start page are text and no link.",
        "templates/door.html",
        "{{ house.contact.text }}",
        "{{ house.contact.text|safe }}",
        "tests/web/test_house.py::test_words_of_the_operator_are_text_and_no_link",
    ),
    Mutant(
        "An error of the configuration names the line of its key.",
        "server/config/load.py",
        "at_variable(error, variables) or error.at_line(find_line(text, error.key))",
        "at_variable(error, variables) or error",
        "tests/config/test_example.py::test_error_names_the_line_of_its_key",
    ),
    Mutant(
        "The example states the defaults that are in force.",
        "server/config/example.py",
        'yield f"#{key} = {getattr(defaults, key)}"',
        'yield f"#{key} = {getattr(MAX_CAPACITY, key)}"',
        "tests/config/test_example.py::test_values_in_it_are_the_defaults",
    ),
    Mutant(
        "`config check` reads bridges as a start does.",
        "server/cli.py",
        "find_errors(text, variables) or check_bridges(text, variables)",
        "find_errors(text, variables)",
        "tests/process/test_config.py::test_check_reads_bridges_as_a_start_does",
    ),
    Mutant(
        "The first language is that of whoever has chosen none.",
        "server/web/edge/request_language.py",
        "else services.default_language",
        'else "en"',
        "tests/web/test_languages.py::test_first_language_is_that_of_whoever_has_chosen_none",
    ),
    Mutant(
        "A misspelt variable of the environment stops the start.",
        "server/config/environment.py",
        "if name not in VARIABLES:",
        "if not name:",
        "tests/config/test_environment.py::test_unknown_variable_stops_the_start_with_the_near_one",
    ),
    Mutant(
        "An error of a variable names the variable.",
        "server/config/load.py",
        "at_variable(error, variables) or error.at_line(",
        "error.at_line(",
        "tests/config/test_environment.py"
        "::test_wrong_value_is_refused_and_the_variable_is_its_place",
    ),
    Mutant(
        "The web process gets the values of the environment.",
        "server/config/handover.py",
        "dict(with_variables(tomllib.loads(text), variables))",
        "tomllib.loads(text)",
        "tests/config/test_environment.py::test_web_process_gets_the_same_values_and_no_bridges",
    ),
    Mutant(
        "A server that starts itself anew keeps what configures it.",
        "server/sandbox/allocator.py",
        "plain = {**plain_environment(os.environ), **configuring}",
        "plain = plain_environment(os.environ)",
        "tests/process/test_config.py::test_keys_may_come_from_the_environment",
    ),
    Mutant(
        "Nothing is asked without a terminal.",
        "server/cli.py",
        " and sys.stdin.isatty() and sys.stdout.isatty()",
        "",
        "tests/first_start/test_terminal.py"
        "::test_start_without_a_terminal_or_with_a_configuration_asks_nothing",
    ),
    Mutant(
        "The copy of the key goes to no folder in which others can write.",
        "server/first_start/questions.py",
        "not in (os.geteuid(), 0) or",
        "not in (os.geteuid(), 0) and",
        "tests/first_start/test_questions.py::test_folder_that_cannot_keep_the_copy_is_refused",
    ),
    Mutant(
        "Only the owner reads the configuration and the copy of the key.",
        "server/first_start/writing.py",
        "PRIVATE_MODE = 0o600",
        "PRIVATE_MODE = 0o644",
        "tests/first_start/test_questions.py::test_answers_are_kept_and_only_the_owner_reads_them",
    ),
    Mutant(
        "A path of a socket is quoted for tor.",
        "onion/launch/torrc.py",
        "return f'unix:\"{_escaped(str(socket))}\"'",
        'return f"unix:{socket}"',
        "tests/onion/test_spec.py::test_path_with_what_would_end_it_is_quoted_for_tor",
    ),
    Mutant(
        "A key that has gone missing is no new address.",
        "server/supervisor/paths.py",
        '(self.tor / "data" / "state")',
        '(self.tor / "state")',
        "tests/process/test_careless.py::test_key_that_has_gone_missing_is_no_new_address",
    ),
)

CLOSING = (
    Mutant(
        "A closed server opens no session.",
        "server/store/memory/store.py",
        "        if not self._admission.admits:\n            raise NotAdmittedError\n",
        "",
        f"{MEMORY}::test_closed_server_opens_no_session_and_those_inside_go_on",
    ),
    Mutant(
        "A closed server opens by itself.",
        "server/store/memory/store.py",
        "        await self._follow_closing(now_s)\n",
        "",
        f"{MEMORY}::test_closed_server_opens_by_itself_with_the_sweep",
    ),
    Mutant(
        "Nothing begins in a drain.",
        "server/store/memory/tables.py",
        "        if self._closing.is_draining:\n            raise NothingBeginsError",
        "        if False:\n            raise NothingBeginsError",
        f"{MEMORY}::test_nothing_begins_or_grows_in_a_drain",
    ),
    Mutant(
        "Those inside are told again before the end of a drain.",
        "server/store/memory/admitting.py",
        "<= call for call in calls",
        "< 0 for call in calls",
        f"{MEMORY}::test_drain_is_told_in_every_conversation_and_again_before_its_end",
    ),
    Mutant(
        "A drain lets everybody go who waits.",
        "server/store/memory/admitting.py",
        "            self._let_go()\n",
        "",
        f"{MEMORY}::test_those_who_wait_are_let_go_by_a_drain",
    ),
    Mutant(
        "A drain lasts while two people can talk, and a minute longer for whoever is left alone.",
        "server/store/memory/admitting.py",
        "if any(room.is_talk for room in self._rooms):",
        "if False:",
        f"{MEMORY}::test_drain_is_over_when_no_two_people_can_talk",
    ),
    Mutant(
        "Only somebody new is turned away while the server is closed.",
        "server/web/admission.py",
        "(g.admission.admits or g.is_known)",
        "g.admission.admits",
        f"{CLOSED}::test_visitor_with_a_session_notices_nothing_of_a_closing",
    ),
    Mutant(
        "A first form without a valid token gets the closed page as well.",
        "server/web/edge/before_view.py",
        "    await admission.check_entrance()\n",
        "",
        f"{CLOSED}::test_first_form_is_answered_with_the_closed_page",
    ),
    Mutant(
        "The operator's words on the closed page are text.",
        "templates/closed.html",
        "{{ admission.words }}",
        "{{ admission.words|safe }}",
        f"{CLOSED}::test_somebody_new_reads_why_and_until_when_in_their_language",
    ),
    Mutant(
        "The closed page is ready to send, as other pages are.",
        "server/web/edge/ready_pages.py",
        'self.status < 500 or b"retry-after" in names',
        "self.status < 500",
        f"{CLOSED}::test_closed_page_is_made_once_and_never_out_of_date",
    ),
    Mutant(
        "A ready page is no older than the operator's order.",
        "server/web/edge/ready_pages.py",
        "rooms, people, await self._store.admission()",
        "rooms, people",
        f"{CLOSED}::test_closed_page_is_made_once_and_never_out_of_date",
    ),
    Mutant(
        "Next leaves the conversation in a drain, too.",
        "server/web/views/chat.py",
        "except (ServerFullError, NothingBeginsError) as error",
        "except ServerFullError as error",
        f"{CLOSED}::test_next_in_a_drain_leaves_and_says_that_nothing_begins",
    ),
    Mutant(
        "A new web process is closed as long as the one before was to be.",
        "server/supervisor/up.py",
        "replace(options, closing=watching.admission.handed_over())",
        "options",
        f"{ADMISSION}::test_web_process_is_closed_before_it_listens",
    ),
    Mutant(
        "A drain ends with its web process.",
        "server/supervisor/admission/control.py",
        "        self._set(self._closing.restarted(self._clock()))\n\n    async def watch",
        "        pass\n\n    async def watch",
        f"{ADMISSION}::test_web_process_that_dies_takes_the_drain_with_it_and_not_the_closing",
    ),
    Mutant(
        "A drain ends nothing if no new web process could start.",
        "server/supervisor/admission/control.py",
        "if reason and await self._may_restart():",
        "if reason:",
        f"{ADMISSION}::test_configuration_that_became_wrong_cancels_a_drain_and_ends_nothing",
    ),
    Mutant(
        "A visit of our own counts a closed page as reached.",
        "onion/visit.py",
        '\\d{3} ")',
        '200 ")',
        "tests/onion/test_visit.py::test_service_that_answers_is_reached_also_while_it_is_closed",
    ),
)

OUTAGES = (
    Mutant(
        "A tor that hangs while it starts is given up.",
        "onion/control.py",
        '            raise ControlClosedError(f"it gave no answer within {ANSWER_S:.0f} s") from None\n',
        "            raise\n",
        "tests/onion/test_tor.py::test_tor_that_hangs_at_its_start_is_given_up",
    ),
    Mutant(
        "After a loss of the network the introduction points are others.",
        "server/supervisor/reachability.py",
        "        await service.change_introduction_points()\n",
        "",
        f"{REACHABILITY}::test_each_return_of_the_network_changes_the_introduction_points",
    ),
    Mutant(
        "A tor in its sandbox is started anew after a loss of the network.",
        "server/supervisor/reachability.py",
        "        if service.is_sandboxed:\n",
        "        if not service.is_sandboxed:\n",
        f"{REACHABILITY}::test_sandboxed_tor_is_started_anew_instead",
    ),
    Mutant(
        "What nobody reads does not fill the memory.",
        "server/supervisor/terminal/printer.py",
        "queue.Queue(MAX_UNWRITTEN)",
        "queue.Queue()",
        "tests/supervisor/terminal/test_printer.py::test_reader_who_does_not_read_holds_nobody_up",
    ),
)

RULES = (
    Mutant(
        "The rules stand beside every button that agrees to them.",
        "templates/pair.html",
        '<p>{% include "_rules.html" %}',
        "<p>",
        "tests/web/test_rules.py::test_short_rules_stand_beside_the_buttons",
    ),
    Mutant(
        "The operator's rules are text and no HTML.",
        "templates/_own_rules.html",
        "{{ line }}",
        "{{ line|safe }}",
        "tests/web/test_rules.py::test_operators_own_rules_stand_beside_them",
    ),
    Mutant(
        "The page of a pause says once that one may rest.",
        "server/core/session/session.py",
        "if self.had_pause:",
        "if not self.had_pause and now_s < 0:",
        "tests/web/test_cooldown.py::test_first_pause_says_once_that_one_may_rest",
    ),
)

NUDGE = (
    Mutant(
        "A message that looks like a phone number comes back once.",
        "server/store/memory/conversations.py",
        "        _check_personal(cleaned, asked)\n",
        "",
        f"{ASKED}::test_composer_comes_back_once_with_the_words",
    ),
    Mutant(
        "The question blocks nothing: sent again, the words pass.",
        "server/store/memory/conversations.py",
        "    if not asked >= set(kinds):\n",
        "    if kinds:\n",
        f"{ASKED}::test_composer_comes_back_once_with_the_words",
    ),
    Mutant(
        "Nothing in the store says that somebody was asked.",
        "server/store/memory/conversations.py",
        "        _check_personal(cleaned, asked)\n",
        "        seat.member.repeats.record(repeat_tag, self._clock())\n        _check_personal(cleaned, asked)\n",
        f"{ASKED}::test_only_the_kept_words_are_in_the_store_and_nobody_notices",
    ),
    Mutant(
        "Digits of every script are read.",
        "server/core/nudge/folding.py",
        "_OTHER_DIGIT.sub(_ascii_digit, text.translate(_SIGNS))",
        "text.translate(_SIGNS)",
        "tests/core/nudge/test_find.py::test_digits_of_every_script_are_read",
    ),
)

MUTANTS = (
    *SEALING,
    *ROOMS,
    *DELIVERY,
    *CONSTANT_RATE_STREAMS,
    *CONNECTIONS,
    *PROCESS,
    *WEB,
    *TOR,
    *BEFORE_WORK,
    *TRACES,
    *CIRCUITS,
    *SHARES,
    *RENEWAL,
    *READY_PAGES,
    *MATCHING,
    *RATES,
    *CHAT_PAGE,
    *WAITING,
    *DULL,
    *REFUSALS,
    *ACCESS,
    *BRIDGES,
    *SOCKET_GROUP,
    *CONFIGURATION,
    *CLOSING,
    *OUTAGES,
    *RULES,
    *NUDGE,
)
