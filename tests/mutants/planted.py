"""The planted faults: at least one for each promise."""

from __future__ import annotations

from .mutant import Mutant

SEALED = "tests/store/memory/test_sealed.py"
MEMORY = "tests/store/memory/test_memory.py"
EPOCHS = "tests/core/crypto/test_epochs.py"
BROADCAST = "tests/stream/test_broadcast.py"
LIVE = "tests/stream/test_live.py"
REGISTRY = "tests/stream/test_registry.py"
CONSTANT_RATE = "tests/stream/test_constant_rate.py"
LOCKDOWN = "tests/sandbox/test_lockdown.py"
HAND_OVER = "tests/process/test_hand_over.py"
RELEASE = "tests/process/test_no_references.py"
TIMEOUTS = "tests/process/test_timeouts.py"

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
        "        self._members_without_box.clear()\n\n    def excess_epoch(",
        "        self._generations[-1].newest_link_key = change.key._raw\n"
        "        self._members_without_box.clear()\n\n    def excess_epoch(",
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

DELIVERY = (
    Mutant(
        "A message is not written to a member who has muted its sender.",
        "server/stream/fanout.py",
        "if is_for_them and number not in publication.hidden_from:",
        "if is_for_them:",
        f"{MEMORY}::test_live_readers_receive_the_entries_they_may_read",
    ),
    Mutant(
        "A member who has muted the sender leaves the broadcast group before it is written to.",
        "server/stream/fanout.py",
        "apart = hidden_from if only_for is None else {only_for}",
        "apart = frozenset() if only_for is None else {only_for}",
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
        "An entry for one member is written to no broadcast group.",
        "server/stream/fanout.py",
        "is_next = group.send(new) if only_for is None else group.skip(new.seq)",
        "is_next = group.send(new)",
        f"{BROADCAST}::test_entry_for_one_reader_leaves_the_group_intact",
    ),
    Mutant(
        "An entry for one member is written to no other stream.",
        "server/stream/fanout.py",
        "is_for_them = publication.only_for in (None, number)",
        "is_for_them = True",
        f"{MEMORY}::test_entry_for_one_member_is_delivered_to_no_other",
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
        "            self._refresh_presence(session)\n            seat = None if",
        "            seat = None if",
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
        "phase_s = self._every_s * secrets.randbelow(1_000) / 1_000",
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
        "The web process can read no file but its own.",
        "server/sandbox/lockdown.py",
        "        restrict_files(readable, [folder for folder in folders if _holds_only_sockets(folder)])\n",
        "",
        f"{LOCKDOWN}::test_only_the_program_is_readable_and_own_files_removable",
    ),
    Mutant(
        "The web process can open files only for reading.",
        "server/sandbox/seccomp.py",
        "WRITE_FLAGS = 0o3 | 0o100 | 0o1000 | 0o20000000",
        "WRITE_FLAGS = 0o2 | 0o100 | 0o1000 | 0o20000000",
        f"{LOCKDOWN}::test_files_can_only_be_opened_for_reading",
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
        "server/web/edge/gateways.py",
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
)


MUTANTS = (
    *SEALING,
    *DELIVERY,
    *CONSTANT_RATE_STREAMS,
    *CONNECTIONS,
    *PROCESS,
    *WEB,
    *MATCHING,
)
