//! The tables, as both databases have them; the order of columns is the migrations'.

diesel::table! {
    settings (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    actors (path) {
        path -> Text,
        kind -> Text,
        handle -> Text,
        rsa_private -> Text,
        rsa_public -> Text,
        ed25519_private -> Text,
        ed25519_public -> Text,
        created -> BigInt,
        closed -> Nullable<BigInt>,
        welcomed -> Nullable<BigInt>,
        known -> Bool,
    }
}

diesel::table! {
    groups (handle) {
        handle -> Text,
        name -> Text,
        mission -> Text,
        contact -> Nullable<Text>,
        tags -> Text,
        language -> Text,
        icon -> Nullable<Text>,
        header -> Nullable<Text>,
        created -> BigInt,
        updated -> BigInt,
        frozen -> Nullable<BigInt>,
        ending -> Nullable<BigInt>,
        horizon -> BigInt,
        positions -> Text,
        remind -> BigInt,
        also_known_as -> Text,
        moved_to -> Nullable<Text>,
        moving -> Nullable<BigInt>,
        moved -> Nullable<BigInt>,
    }
}

diesel::table! {
    meetings (id) {
        id -> Text,
        group_handle -> Text,
        title -> Text,
        kind -> Text,
        starts -> BigInt,
        ends -> BigInt,
        zone -> Text,
        place -> Nullable<Text>,
        address -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        online_url -> Nullable<Text>,
        agenda -> Nullable<Text>,
        language -> Text,
        mentions -> Text,
        tags -> Text,
        series -> Nullable<Text>,
        sequence -> BigInt,
        previous_start -> Nullable<BigInt>,
        cancelled -> Nullable<BigInt>,
        published -> BigInt,
        updated -> Nullable<BigInt>,
        pictures -> Text,
        recurrence -> Nullable<BigInt>,
        opens -> Nullable<BigInt>,
        met -> Nullable<BigInt>,
        agreed -> Nullable<Text>,
        unconfirmed -> Bool,
        missed -> Nullable<BigInt>,
        place_id -> Nullable<Text>,
        access -> Text,
        access_line -> Nullable<Text>,
        veil -> Nullable<BigInt>,
        capacity -> Nullable<BigInt>,
    }
}

diesel::table! {
    series (id) {
        id -> Text,
        group_handle -> Text,
        title -> Text,
        kind -> Text,
        first -> Text,
        zone -> Text,
        minutes -> BigInt,
        rule -> Text,
        except_days -> Text,
        place -> Nullable<Text>,
        address -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        online_url -> Nullable<Text>,
        agenda -> Nullable<Text>,
        language -> Text,
        mentions -> Text,
        pictures -> Text,
        sequence -> BigInt,
        published -> BigInt,
        updated -> Nullable<BigInt>,
        unconfirmed -> Bool,
        laid_out -> BigInt,
        place_id -> Nullable<Text>,
        access -> Text,
        access_line -> Nullable<Text>,
        veil -> Nullable<BigInt>,
        begun_as -> Nullable<Text>,
        capacity -> Nullable<BigInt>,
    }
}

diesel::table! {
    places (id) {
        id -> Text,
        group_handle -> Text,
        name -> Text,
        folded -> Text,
        address -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        access -> Text,
        access_line -> Nullable<Text>,
        updated -> BigInt,
    }
}

diesel::table! {
    veiled (id) {
        id -> Text,
        lifts -> BigInt,
        place -> Nullable<Text>,
        address -> Nullable<Text>,
        latitude -> Nullable<Double>,
        longitude -> Nullable<Double>,
        online_url -> Nullable<Text>,
        place_id -> Nullable<Text>,
        access_line -> Nullable<Text>,
    }
}

diesel::table! {
    reminders (meeting) {
        meeting -> Text,
        activity -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    minutes (id) {
        id -> Text,
        group_handle -> Text,
        meeting -> Text,
        present -> Nullable<BigInt>,
        text -> Text,
        language -> Text,
        mentions -> Text,
        decisions -> Text,
        numbered -> BigInt,
        rolled_into -> Nullable<Text>,
        rolled -> Nullable<Text>,
        published -> BigInt,
        updated -> Nullable<BigInt>,
        deleted -> Nullable<BigInt>,
    }
}

diesel::table! {
    announcements (id) {
        id -> Text,
        group_handle -> Text,
        meeting -> Nullable<Text>,
        title -> Nullable<Text>,
        text -> Text,
        language -> Text,
        urgent -> Bool,
        mentions -> Text,
        tags -> Text,
        published -> BigInt,
        updated -> Nullable<BigInt>,
        deleted -> Nullable<BigInt>,
        pictures -> Text,
        answers -> Nullable<Text>,
        followers_only -> Bool,
    }
}

diesel::table! {
    activities (sequence) {
        sequence -> BigInt,
        id -> Text,
        actor -> Text,
        kind -> Text,
        object -> Text,
        body -> Text,
        public -> Bool,
        published -> BigInt,
        retracted -> Nullable<BigInt>,
    }
}

diesel::table! {
    deliveries (id) {
        id -> BigInt,
        host -> Text,
        inbox -> Text,
        activity -> BigInt,
        not_before -> BigInt,
        tries -> BigInt,
        first_try -> Nullable<BigInt>,
        status -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        set_aside -> Nullable<Text>,
    }
}

diesel::table! {
    hosts (host) {
        host -> Text,
        next_try -> BigInt,
        lease_until -> BigInt,
        fails -> BigInt,
        failing_since -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        dead -> Bool,
        scheme -> Text,
    }
}

diesel::table! {
    remote_actors (uri) {
        uri -> Text,
        host -> Text,
        kind -> Text,
        handle -> Text,
        inbox -> Text,
        shared_inbox -> Nullable<Text>,
        public_keys -> Text,
        assertion_keys -> Text,
        fetched -> BigInt,
        key_checked -> BigInt,
    }
}

diesel::table! {
    follows (group_handle, follower) {
        group_handle -> Text,
        follower -> Text,
        follow_id -> Text,
        host -> Text,
        inbox -> Text,
        shared_inbox -> Nullable<Text>,
    }
}

diesel::table! {
    former_inboxes (group_handle, inbox) {
        group_handle -> Text,
        inbox -> Text,
        host -> Text,
        left_at -> BigInt,
        until -> BigInt,
    }
}

diesel::table! {
    blocks (target) {
        target -> Text,
        created -> BigInt,
    }
}

diesel::table! {
    arrivals (id) {
        id -> BigInt,
        host -> Text,
        request -> Text,
        body -> Text,
        received -> BigInt,
        tries -> BigInt,
        next_try -> BigInt,
        quarantined -> Nullable<Text>,
    }
}

diesel::table! {
    handled (activity) {
        activity -> Text,
        time -> BigInt,
    }
}

diesel::table! {
    seen_signatures (hash) {
        hash -> Text,
        time -> BigInt,
    }
}

diesel::table! {
    sisters (group_handle, actor) {
        group_handle -> Text,
        actor -> Text,
        activity -> Text,
        state -> Text,
        created -> BigInt,
        policy -> Text,
        backfill -> Nullable<BigInt>,
        tries -> BigInt,
    }
}

diesel::table! {
    elsewhere (uri) {
        uri -> Text,
        actor -> Text,
        kind -> Text,
        title -> Nullable<Text>,
        content -> Text,
        url -> Text,
        in_reply_to -> Nullable<Text>,
        language -> Nullable<Text>,
        starts -> Nullable<BigInt>,
        ends -> Nullable<BigInt>,
        zone -> Nullable<Text>,
        place -> Nullable<Text>,
        cancelled -> Bool,
        published -> BigInt,
        updated -> Nullable<BigInt>,
        received -> BigInt,
        urgent -> Nullable<BigInt>,
        passing -> Text,
    }
}

diesel::table! {
    rhythms (uri) {
        uri -> Text,
        actor -> Text,
        document -> Text,
        said -> BigInt,
        laid -> BigInt,
    }
}

diesel::table! {
    sister_news (group_handle, uri) {
        group_handle -> Text,
        uri -> Text,
        author -> Text,
        sister -> Text,
        state -> Text,
        announce -> Nullable<Text>,
        since -> BigInt,
    }
}

diesel::table! {
    meetings_elsewhere (uri, starts) {
        uri -> Text,
        starts -> BigInt,
        ends -> BigInt,
        actor -> Text,
        series -> Nullable<Text>,
        title -> Text,
        language -> Nullable<Text>,
        place -> Nullable<Text>,
        zone -> Nullable<Text>,
        url -> Text,
        cancelled -> Bool,
        moved -> Bool,
    }
}

diesel::table! {
    alarms (note) {
        note -> Text,
        member -> Nullable<Text>,
        confirmed -> Bool,
        raised -> BigInt,
    }
}

diesel::table! {
    digests (date) {
        date -> Text,
        note -> Nullable<Text>,
        items -> Text,
        more_meetings -> BigInt,
        more_news -> BigInt,
        made -> BigInt,
    }
}

diesel::table! {
    passed_on (uri, actor) {
        uri -> Text,
        actor -> Text,
        activity -> Text,
        received -> BigInt,
    }
}

diesel::table! {
    meeting_terms (term, starts, meeting, ends) {
        term -> Text,
        starts -> BigInt,
        meeting -> Text,
        ends -> BigInt,
    }
}

diesel::table! {
    members (id) {
        id -> Text,
        handle -> Text,
        name -> Text,
        language -> Text,
        password -> Nullable<Text>,
        caretaker -> Bool,
        welcomed -> Nullable<BigInt>,
        created -> BigInt,
        used -> Nullable<BigInt>,
    }
}

diesel::table! {
    sessions (hash) {
        hash -> Text,
        id -> Text,
        member -> Text,
        begun -> BigInt,
        seen -> BigInt,
    }
}

diesel::table! {
    organizers (group_handle, member) {
        group_handle -> Text,
        member -> Text,
        since -> BigInt,
        founder -> Bool,
        shown -> Bool,
        paused -> Nullable<BigInt>,
    }
}

diesel::table! {
    recovery_codes (hash) {
        hash -> Text,
        member -> Text,
    }
}

diesel::table! {
    ways_in (hash) {
        hash -> Text,
        kind -> Text,
        member -> Nullable<Text>,
        shown_by -> Nullable<Text>,
        opens -> BigInt,
        ends -> BigInt,
    }
}

diesel::table! {
    passkeys (id) {
        id -> Text,
        member -> Text,
        public_key -> Text,
        uses -> BigInt,
        added -> BigInt,
    }
}

diesel::table! {
    replies (id) {
        id -> Text,
        uri -> Text,
        group_handle -> Text,
        root -> Text,
        parent -> Text,
        depth -> BigInt,
        actor -> Text,
        handle -> Text,
        host -> Text,
        content -> Text,
        warning -> Nullable<Text>,
        language -> Nullable<Text>,
        url -> Text,
        pictures -> BigInt,
        state -> Text,
        published -> BigInt,
        updated -> Nullable<BigInt>,
        received -> BigInt,
        attached -> Text,
        kept -> Text,
    }
}

diesel::table! {
    envelopes (uri, kind) {
        uri -> Text,
        kind -> Text,
        body -> Text,
    }
}

diesel::table! {
    repliers (group_handle, actor) {
        group_handle -> Text,
        actor -> Text,
        standing -> Text,
        seen -> BigInt,
    }
}

diesel::table! {
    letters (id) {
        id -> Text,
        uri -> Text,
        group_handle -> Text,
        actor -> Text,
        handle -> Text,
        content -> Text,
        received -> BigInt,
    }
}

diesel::table! {
    reactions (object, kind, actor) {
        object -> Text,
        kind -> Text,
        actor -> Text,
        activity -> Text,
    }
}

diesel::table! {
    reports (id) {
        id -> Text,
        about -> Text,
        host -> Text,
        objects -> Text,
        reason -> Text,
        times -> BigInt,
        received -> BigInt,
        closed -> Nullable<BigInt>,
    }
}

diesel::table! {
    blocked_words (word) {
        word -> Text,
        created -> BigInt,
    }
}

diesel::table! {
    servers (host) {
        host -> Text,
        standing -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    held (activity) {
        activity -> Text,
        host -> Text,
        actor -> Text,
        kind -> Text,
        object -> Text,
        body -> Text,
        received -> BigInt,
    }
}

diesel::table! {
    proposals (id) {
        id -> Text,
        group_handle -> Text,
        kind -> Text,
        reason -> Text,
        member -> Nullable<Text>,
        about -> Nullable<Text>,
        hash -> Nullable<Text>,
        until -> BigInt,
        named -> Nullable<Text>,
    }
}

diesel::table! {
    deeds (id) {
        id -> Text,
        done -> BigInt,
        group_handle -> Nullable<Text>,
        kind -> Text,
        role -> Text,
        reason -> Text,
        member -> Nullable<Text>,
        about -> Nullable<Text>,
    }
}

diesel::table! {
    moves (actor) {
        actor -> Text,
        moved -> BigInt,
    }
}

diesel::table! {
    coming (meeting) {
        meeting -> Text,
        asked -> Nullable<Bool>,
        key -> Nullable<Text>,
        hour -> Nullable<BigInt>,
        come -> Nullable<BigInt>,
        maybe -> Nullable<BigInt>,
    }
}

diesel::table! {
    callers (meeting, actor) {
        meeting -> Text,
        actor -> Text,
        state -> Text,
        offer -> Text,
    }
}

diesel::table! {
    invited (event, group_handle) {
        event -> Text,
        group_handle -> Text,
        holder -> Text,
        offer -> Text,
        document -> Text,
        state -> Text,
        meeting -> Nullable<Text>,
        accept -> Nullable<Text>,
        announce -> Nullable<Text>,
        said -> BigInt,
        received -> BigInt,
    }
}

diesel::table! {
    outside_changes (meeting) {
        meeting -> Text,
        since -> BigInt,
        told -> BigInt,
        waits -> Bool,
        wanted -> Nullable<Text>,
    }
}

diesel::table! {
    answers (meeting, fingerprint) {
        meeting -> Text,
        fingerprint -> Text,
        answer -> Text,
        state -> Text,
        account -> Bool,
        note -> Nullable<Text>,
        told -> BigInt,
        host -> Nullable<Text>,
    }
}

diesel::table! {
    suggestions (id) {
        id -> Text,
        group_handle -> Text,
        text -> Text,
        moment -> Nullable<Text>,
        place -> Nullable<Text>,
        link -> Nullable<Text>,
        received -> BigInt,
    }
}

diesel::table! {
    drafts (id) {
        id -> Text,
        group_handle -> Text,
        kind -> Text,
        about -> Nullable<Text>,
        body -> Text,
        pictures -> Text,
        due -> Nullable<BigInt>,
        author -> Nullable<Text>,
        stopped -> Nullable<Text>,
        revision -> BigInt,
        touched -> BigInt,
    }
}

diesel::table! {
    notices (member) {
        member -> Text,
        feed -> Nullable<Text>,
        account -> Nullable<Text>,
        code -> Nullable<Text>,
        tries -> BigInt,
        asked -> Nullable<BigInt>,
        told -> Text,
        heard -> BigInt,
    }
}

diesel::table! {
    pushes (endpoint) {
        endpoint -> Text,
        member -> Text,
        session -> Text,
    }
}

diesel::table! {
    imports (group_handle, uid, part) {
        group_handle -> Text,
        uid -> Text,
        part -> Text,
        meeting -> Nullable<Text>,
        series -> Nullable<Text>,
        said -> Text,
        source -> Nullable<Text>,
        missed -> Nullable<BigInt>,
    }
}

diesel::table! {
    watched (id) {
        id -> Text,
        group_handle -> Text,
        url -> Text,
        hours -> Nullable<Text>,
        etag -> Nullable<Text>,
        modified -> Nullable<Text>,
        looked -> Nullable<BigInt>,
        next_look -> BigInt,
        failures -> BigInt,
        report -> Nullable<Text>,
        created -> BigInt,
    }
}

diesel::table! {
    import_looks (id) {
        id -> Text,
        group_handle -> Text,
        url -> Nullable<Text>,
        watch -> Bool,
        hours -> Nullable<Text>,
        reading -> Text,
        report -> Nullable<Text>,
        made -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    settings,
    actors,
    groups,
    meetings,
    series,
    minutes,
    announcements,
    activities,
    deliveries,
    hosts,
    remote_actors,
    follows,
    former_inboxes,
    blocks,
    arrivals,
    handled,
    seen_signatures,
    sisters,
    elsewhere,
    rhythms,
    digests,
    passed_on,
    meeting_terms,
    members,
    sessions,
    organizers,
    recovery_codes,
    ways_in,
    passkeys,
    replies,
    repliers,
    letters,
    reactions,
    reports,
    blocked_words,
    servers,
    held,
    proposals,
    deeds,
    coming,
    answers,
    callers,
    invited,
    outside_changes,
    suggestions,
    drafts,
    imports,
    watched,
    import_looks,
    notices,
    pushes,
    places,
    veiled,
    reminders,
    moves,
    envelopes,
    sister_news,
    meetings_elsewhere,
    alarms
);
