// Written by `npm run openapi` from the routes of the api. Do not edit.
export interface paths {
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who is signed in */
        get: operations["session_get"];
        put?: never;
        /** Sign in */
        post: operations["session_signIn"];
        /** Sign out */
        delete: operations["session_signOut"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/password": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Change the own password; other sessions end, this one goes on with a new cookie and csrfToken */
        put: operations["session_changePassword"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/methods": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How people can sign in */
        get: operations["oidc_methods"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/oidc": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Leave for the identity provider */
        get: operations["oidc_begin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/oidc/callback": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Come back from the identity provider */
        get: operations["oidc_finish"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the links that can still be used */
        get: operations["accessLinks_list"];
        put?: never;
        /** Invite a person, or let one reset the password: makes a link; the only answer that holds it */
        post: operations["accessLinks_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-links/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a link */
        delete: operations["accessLinks_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access-links": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the links of the platform that can still be used */
        get: operations["platformAccessLinks_list"];
        put?: never;
        /** Invite a person, or let one reset the password: makes a link; the only answer that holds it */
        post: operations["platformAccessLinks_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access-links/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a link of the platform */
        delete: operations["platformAccessLinks_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access-links/open": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What a link is for */
        post: operations["platformAccessLinks_open"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access-links/redeem": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a link: choose a password */
        post: operations["platformAccessLinks_redeem"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/access-links/join": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use an invitation as the person who is signed in; with a new password the session goes on with a new cookie and csrfToken */
        post: operations["platformAccessLinks_join"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys */
        get: operations["apiKeys_list"];
        put?: never;
        /** Make an API key; the only answer that holds it */
        post: operations["apiKeys_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API key, at once, and the links that it made */
        delete: operations["apiKeys_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the API keys of the platform */
        get: operations["platformApiKeys_list"];
        put?: never;
        /** Make an API key of the platform; the only answer that holds it */
        post: operations["platformApiKeys_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/api-keys/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke an API key of the platform, at once, and the links that it made */
        delete: operations["platformApiKeys_revoke"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the people who can sign in */
        get: operations["users_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/users/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change a person: name, role, disabled. A first role on the platform takes an invitation */
        patch: operations["users_change"];
        trace?: never;
    };
    "/v1/tenants/{tenant}/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the people of the tenant */
        get: operations["members_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/members/{userId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Give a member another role. Others come in by an invitation */
        put: operations["members_set"];
        post?: never;
        /** Take a person out of the tenant */
        delete: operations["members_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done in the tenant, newest first */
        get: operations["audit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List what was done on the platform, newest first */
        get: operations["platformAudit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/audit/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Check every audit chain, also against the checkpoints that are kept outside the database; where a check is under way, its answer is given */
        get: operations["platformAudit_verify"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the environments */
        get: operations["environments_list"];
        put?: never;
        /** Add an environment */
        post: operations["environments_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/environments/{environment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an environment */
        get: operations["environments_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        /** Change an environment */
        patch: operations["environments_change"];
        trace?: never;
    };
    "/v1/applications": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the applications */
        get: operations["applications_list"];
        put?: never;
        /** Add an application */
        post: operations["applications_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an application */
        get: operations["applications_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/applications/{id}/client-tokens/{environment}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set the ClientToken of an environment */
        put: operations["applications_setClientToken"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the tenants that you can open */
        get: operations["tenants_list"];
        put?: never;
        /** Create a tenant */
        post: operations["tenants_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a tenant */
        get: operations["tenants_get"];
        put?: never;
        post?: never;
        /** Delete a tenant for good: its keys first, then its rows */
        delete: operations["tenants_delete"];
        options?: never;
        head?: never;
        /** Rename a tenant */
        patch: operations["tenants_rename"];
        trace?: never;
    };
    "/v1/operations/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How far an operation has come */
        get: operations["operations_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List AccessTokens, newest first */
        get: operations["accessTokens_list"];
        put?: never;
        /** Add an AccessToken and connect what it opens */
        post: operations["accessTokens_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** See what an AccessToken opens; nothing is saved */
        post: operations["accessTokens_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Add the AccessTokens of a CSV file, or with dryRun only verify each; the results are the operation's */
        post: operations["accessTokens_import"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an AccessToken; its text is never answered */
        get: operations["accessTokens_get"];
        put?: never;
        post?: never;
        /** Revoke an AccessToken: its ciphertext is destroyed, its connections end */
        delete: operations["accessTokens_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask Mews now what an AccessToken opens */
        post: operations["accessTokens_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}/rotate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Put a new text in the place of the old one */
        post: operations["accessTokens_rotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop every use of an AccessToken for now */
        post: operations["accessTokens_disable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Use a disabled AccessToken again, if Mews accepts it */
        post: operations["accessTokens_enable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/enterprises": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the enterprises that are or were reached, by name */
        get: operations["enterprises_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/enterprises/{enterpriseId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get an enterprise */
        get: operations["enterprises_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/enterprises/{enterpriseId}/connection": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Use this AccessToken for this enterprise from now on */
        put: operations["enterprises_connect"];
        post?: never;
        /** Disconnect an enterprise: its runs end, its records stay */
        delete: operations["enterprises_disconnect"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}/blast-radius": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** How much an AccessToken opens, which collections, which personal data, and when it was last used; as CSV the collections. The enterprises are those of GET …/reach?accessTokenId= */
        get: operations["tokenAudit_radius"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/access-tokens/{id}/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who can use an AccessToken through Keyrack, or read what it brought, as of now: members, API keys, and those who run the platform */
        get: operations["tokenAudit_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each AccessToken opens, now or as of a time */
        get: operations["reach_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reach/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Enterprises gained and lost, newest first */
        get: operations["reach_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reach/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What each AccessToken gained and lost between two times, newest first */
        get: operations["reach_drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reach/overlaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Enterprises that several AccessTokens open, which of these is used, and why */
        get: operations["reach_overlaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/reach/unused-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** AccessTokens that nothing and nobody has used for some days, the longest unused first */
        get: operations["reach_unused"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platform/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Reach across all tenants, now or as of a time */
        get: operations["platformReach_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platform/reach/drift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the AccessTokens of all tenants gained and lost between two times */
        get: operations["platformReach_drift"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platform/reach/overlaps": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Enterprises that several AccessTokens of their tenant open, in all tenants */
        get: operations["platformReach_overlaps"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/platform/reach/unused-tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** AccessTokens of all tenants that nothing and nobody has used for some days */
        get: operations["platformReach_unused"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/reach": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The same as GET /v1/platform/reach */
        get: operations["reachOfAll_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/enterprises/{enterpriseId}/schedules/{collection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        /** Set when a collection of an enterprise is pulled */
        put: operations["syncs_setSchedule"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List schedules with their freshness */
        get: operations["syncs_listSchedules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/syncs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Sync now, or backfill a period */
        post: operations["syncs_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List runs, newest first */
        get: operations["syncs_listRuns"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a run with its windows */
        get: operations["syncs_getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop a run before its next page */
        post: operations["syncs_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{id}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hold a run before its next page until it is resumed */
        post: operations["syncs_pause"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{id}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Go on with a paused run */
        post: operations["syncs_resume"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start a run like one that failed */
        post: operations["syncs_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/runs/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Delete what a full run found missing, after a review */
        post: operations["syncs_confirm"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/records/{collection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List records of a collection */
        get: operations["records_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/records/{collection}/{recordId}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get a record */
        get: operations["records_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/changes/{collection}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow what changed */
        get: operations["records_changes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Count records per collection and enterprise */
        get: operations["records_stats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/collections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the collections of the Connector API, all at once: there are no pages */
        get: operations["collections_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Follow runs as server-sent events: `runs` with those that changed. Ends when the caller may not read them any more */
        get: operations["events_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tenants/{tenant}/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What needs attention, and what is there */
        get: operations["overview_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Accepted: {
            /**
             * Format: uuid
             * @description Follow it at /v1/operations/{id}
             */
            operationId: string;
        };
        AccessLink: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "invitation" | "password_reset";
            email: string;
            /** @description What the invited person will be; null for a reset */
            role: ("admin" | "operator" | "auditor" | "owner" | "developer" | "viewer") | null;
            /** @description Whose password it resets */
            userId: string | null;
            madeBy: string;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
        };
        ApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "developer" | "viewer";
            /** @description The end of the key */
            hint: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        Application: {
            /** Format: uuid */
            id: string;
            name: string;
            version: string;
            /** @description As Mews sees it: name and version */
            client: string;
            /** @description Where it has a ClientToken */
            environments: string[];
            clientTokens: {
                environment: string;
                hint: string;
                /** Format: date-time */
                updatedAt: string;
            }[];
            /** Format: date-time */
            createdAt: string;
        };
        AuditEvent: {
            seq: number;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            at: string;
            actor: {
                /** @enum {string} */
                kind: "user" | "api_key" | "system";
                id: string;
                name: string;
            };
            action: string;
            /** @description Ids and values before and after; never a secret */
            subject: {
                [key: string]: unknown;
            };
        };
        AuditVerification: {
            ok: boolean;
            /** @description Events that were checked */
            checked: number;
            /** @description One for each tenant, and the platform's */
            chains: number;
            /** @description Events that signed checkpoints vouch for, against which the chains were held */
            checkpoints: number;
            /** @description Whether every chain is keyed: where not, what somebody who has the database appends is not found. An update from before the key needs `keyrack audit key` */
            keyed: boolean;
            badChains: number;
            /** @description Of the first chain that is not as it was recorded */
            firstBad?: {
                /** @description A tenant's id, or platform */
                chain: string;
                /** @description Sequence number of the first bad event; for rewritten the earliest that it can be, the one after the last that a checkpoint vouches for */
                seq: number;
                /** @enum {string} */
                problem: "missing" | "edited" | "unkeyed" | "unlinked" | "unexpected" | "head_mismatch" | "rewritten" | "checkpoint_missing" | "checkpoint_invalid";
                detail: string;
            };
        };
        BlastRadius: {
            label: string | null;
            hint: string;
            fingerprint: string;
            /** @enum {string} */
            kind: "enterprise" | "portfolio";
            /** @enum {string} */
            status: "active" | "invalid" | "disabled" | "revoked";
            environment: string;
            /** Format: date-time */
            createdAt: string;
            /** @description Days since this token text was stored */
            ageDays: number;
            /** Format: uuid */
            accessTokenId: string;
            asOf: string | null;
            enterprises: {
                /** @description Enterprises that it opens */
                opens: number;
                /** @description The chains of these */
                chains: number;
                /** @description Enterprises whose syncs use it now */
                serves: number;
                /** @description Enterprises that no other AccessToken of the tenant opens */
                onlyThis: number;
            };
            /** @description With `asOf`: the last sync that is known up to then; where it is longer ago than 30 days there may have been a later one; the others are null where they were later */
            lastUse: {
                syncedAt: string | null;
                interactiveAt: string | null;
                verifiedAt: string | null;
            };
            /** @description All collections by their state */
            numbers: {
                read: number;
                refused: number;
                notServed: number;
                notTried: number;
            };
            /** @description Those that hold personal data */
            personal: {
                read: number;
                refused: number;
                notServed: number;
                notTried: number;
            };
            collections: {
                collection: string;
                operation: string;
                /** @description Holds personal data of guests or staff */
                personal: boolean;
                /**
                 * @description `read`: a sync has read some of it by this token, however it ended; as of a time at which a sync that has was under way, it counts from its beginning. `refused`: Mews answered 401, the token lacks the permission. `not_served`: Mews does not serve it to portfolio tokens. `not_tried`: no sync has asked for it by this token, so whether it opens is unknown. As of more than 30 days ago it is `read` from the first time that it was read to the last, also where it was refused in between
                 * @enum {string}
                 */
                state: "read" | "refused" | "not_served" | "not_tried";
                lastReadAt: string | null;
                refusedAt: string | null;
                /** @description What Mews said when it refused; kept of the last refusal only */
                reason: string | null;
                requestId: string | null;
            }[];
        };
        Change: {
            seq: number;
            /** @enum {string} */
            change: "added" | "updated" | "deleted";
            id: string;
            /** @description As in a record */
            environment?: string;
            /** @description The record as Mews delivered it, value for value; an inactive one says so itself */
            record?: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            changedAt: string;
        };
        Collection: {
            name: string;
            operation: string;
            /** @enum {string} */
            strategy: "incremental" | "windowed" | "snapshot";
            /** @enum {string} */
            scope: "platform" | "chain" | "enterprise" | "service" | "parent";
            /** @description Served to Portfolio Access Tokens */
            portfolio: boolean;
            /** @description Needs a permission that Mews grants one by one */
            restricted: boolean;
            /** @description Holds personal data */
            personal: boolean;
            /** @description Whether this version syncs it: true for all */
            synced: boolean;
            /** @description The record collections that it fills */
            lists: string[];
            /** @description Default interval of a schedule */
            every: string;
        };
        CreatedAccessLink: {
            /** Format: uuid */
            id: string;
            /** @enum {string} */
            kind: "invitation" | "password_reset";
            email: string;
            /** @description What the invited person will be; null for a reset */
            role: ("admin" | "operator" | "auditor" | "owner" | "developer" | "viewer") | null;
            /** @description Whose password it resets */
            userId: string | null;
            madeBy: string;
            /** Format: date-time */
            expiresAt: string;
            /** Format: date-time */
            createdAt: string;
            /** @description The link itself; no other answer ever holds it. A path where KEYRACK_PUBLIC_URL is not set */
            link: string;
        };
        CreatedApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "developer" | "viewer";
            /** @description The end of the key */
            hint: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** @description The key itself. No other answer ever holds it */
            key: string;
        };
        CreatedPlatformApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "admin" | "operator" | "auditor";
            /** @description The end of the key */
            hint: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
            /** Format: date-time */
            createdAt: string;
            /** @description The key itself. No other answer ever holds it */
            key: string;
        };
        Environment: {
            id: string;
            name: string;
            platformAddress: string;
            webSocketAddress: string | null;
            requestLimit: {
                requests: number;
                seconds: number;
            };
            /** Format: date-time */
            createdAt: string;
        };
        Freshness: {
            /**
             * @description fresh: read completely within two intervals
             * @enum {string}
             */
            state: "never" | "fresh" | "stale" | "unavailable";
            /** @description Seconds since the state of Mews that is stored here */
            lagSeconds: number | null;
        };
        Member: {
            /** Format: uuid */
            userId: string;
            email: string;
            name: string;
            /** @enum {string} */
            role: "owner" | "developer" | "viewer";
        };
        OpenedLink: {
            /** @enum {string} */
            kind: "invitation" | "password_reset";
            email: string;
            /** @description The name of the tenant that invites; null for the platform */
            tenant: string | null;
            role: string | null;
            madeBy: string;
            /** Format: date-time */
            expiresAt: string;
            /**
             * @description An invited person who has an account signs in and joins; everybody else chooses a password
             * @enum {string}
             */
            next: "choose_password" | "sign_in";
        };
        Operation: {
            /** Format: uuid */
            id: string;
            kind: string;
            /** @enum {string} */
            state: "running" | "succeeded" | "failed" | "partial";
            done: number;
            total: number;
            /** @description One for each part of the work */
            results?: {
                [key: string]: unknown;
            }[];
            error?: {
                code: string;
                detail: string;
            } & {
                [key: string]: unknown;
            };
            /** Format: date-time */
            createdAt: string;
            finishedAt: string | null;
        };
        Overview: {
            enterprises: {
                connected: number;
                reached: number;
            };
            accessTokens: {
                active: number;
                invalid: number;
                disabled: number;
            };
            runs: {
                running: number;
                waiting: number;
                queued: number;
                failedLast24h: number;
            };
            records: number;
            attention: {
                code: string;
                title: string;
                count: number;
                detail: string;
            }[];
            checklist: {
                step: string;
                done: boolean;
            }[];
        };
        PlatformApiKey: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            role: "admin" | "operator" | "auditor";
            /** @description The end of the key */
            hint: string;
            expiresAt: string | null;
            lastUsedAt: string | null;
            /** Format: date-time */
            createdAt: string;
        };
        Problem: {
            type: string;
            /** @description Stable: noun.reason */
            code: string;
            title: string;
            status: number;
            detail: string;
            traceId: string;
            /** @description The first 100 at the most */
            errors?: {
                /** @description JSON pointer into the body, or the name of a parameter */
                pointer: string;
                detail: string;
            }[];
            /** @description What Mews answered */
            upstream?: {
                status: number;
                requestId?: string;
                message?: string;
            };
        };
        Record: {
            id: string;
            /** @description Of what is the platform's: the environment. Its ids are codes, the same in each */
            environment?: string;
            /** Format: uuid */
            enterpriseId?: string;
            /** Format: uuid */
            chainId?: string;
            /** Format: uuid */
            serviceId?: string;
            /** @description The record as Mews delivered it, value for value; an inactive one says so itself */
            record: {
                [key: string]: unknown;
            };
            /**
             * Format: date-time
             * @description When Keyrack last saw it change
             */
            updatedAt: string;
            /**
             * Format: date-time
             * @description When Keyrack found that Mews no longer lists it
             */
            deletedAt?: string;
        };
        Run: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            enterpriseId: string;
            enterpriseName: string;
            /** @description Set where the records belong to the chain rather than to the enterprise */
            chainId: string | null;
            collection: string;
            /** @enum {string} */
            mode: "incremental" | "full";
            /** @enum {string} */
            trigger: "schedule" | "request" | "retry";
            /** @enum {string} */
            state: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "needs_review";
            from: string | null;
            to: string | null;
            /** Format: uuid */
            accessTokenId: string;
            /** @description The end of the token */
            accessTokenHint: string;
            requests: number;
            pages: number;
            records: {
                added: number;
                updated: number;
                unchanged: number;
                deleted: number;
                quarantined: number;
            };
            /** @description Ids of parents that Mews refused as unknown: the run went on without them, and what belonged to them counts as no longer listed */
            leftOut: string[];
            windowsDone: number;
            windowsTotal: number;
            waitedMs: number;
            waiting: {
                /** @enum {string} */
                reason: "budget" | "throttled" | "retry" | "outage" | "paused";
                /** @description Null while paused */
                until: string | null;
            } | null;
            /** @description The run whose requests serve this one too: one stream for several enterprises of a Portfolio Access Token */
            leadRunId: string | null;
            /** @description Failures in a row since the last page */
            attempts: number;
            /** Format: date-time */
            createdAt: string;
            startedAt: string | null;
            finishedAt: string | null;
            error: {
                code: string;
                message: string;
                status?: number;
                requestId?: string;
            } | null;
        };
        RunDetail: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            enterpriseId: string;
            enterpriseName: string;
            /** @description Set where the records belong to the chain rather than to the enterprise */
            chainId: string | null;
            collection: string;
            /** @enum {string} */
            mode: "incremental" | "full";
            /** @enum {string} */
            trigger: "schedule" | "request" | "retry";
            /** @enum {string} */
            state: "queued" | "running" | "waiting" | "succeeded" | "failed" | "cancelled" | "needs_review";
            from: string | null;
            to: string | null;
            /** Format: uuid */
            accessTokenId: string;
            /** @description The end of the token */
            accessTokenHint: string;
            requests: number;
            pages: number;
            records: {
                added: number;
                updated: number;
                unchanged: number;
                deleted: number;
                quarantined: number;
            };
            /** @description Ids of parents that Mews refused as unknown: the run went on without them, and what belonged to them counts as no longer listed */
            leftOut: string[];
            windowsDone: number;
            windowsTotal: number;
            waitedMs: number;
            waiting: {
                /** @enum {string} */
                reason: "budget" | "throttled" | "retry" | "outage" | "paused";
                /** @description Null while paused */
                until: string | null;
            } | null;
            /** @description The run whose requests serve this one too: one stream for several enterprises of a Portfolio Access Token */
            leadRunId: string | null;
            /** @description Failures in a row since the last page */
            attempts: number;
            /** Format: date-time */
            createdAt: string;
            startedAt: string | null;
            finishedAt: string | null;
            error: {
                code: string;
                message: string;
                status?: number;
                requestId?: string;
            } | null;
            windows: components["schemas"]["RunWindow"][];
        };
        RunWindow: {
            interval: string | null;
            startUtc: string | null;
            endUtc: string | null;
            /** @enum {string} */
            state: "pending" | "done";
            pages: number;
            records: number;
        };
        Schedule: {
            /** Format: uuid */
            id: string;
            /** Format: uuid */
            enterpriseId: string;
            enterpriseName: string;
            collection: string;
            every: string | null;
            cron: string | null;
            timeZone: string | null;
            enabled: boolean;
            /** @description Why it does not run although it is enabled */
            paused: {
                reason: string;
            } | null;
            nextRunAt: string | null;
            lastRun: {
                /** Format: uuid */
                id: string;
                state: string;
                finishedAt: string | null;
            } | null;
            freshness: components["schemas"]["Freshness"];
        };
        Session: {
            user: {
                /** Format: uuid */
                id: string;
                email: string;
                name: string;
                platformRole: ("admin" | "operator" | "auditor") | null;
            };
            /** @description The tenants that this person can open; role is null where only the platform role opens them */
            tenants: {
                /** Format: uuid */
                id: string;
                slug: string;
                name: string;
                role: ("owner" | "developer" | "viewer") | null;
            }[];
            /** @description What each role that this person has may do, where it is theirs */
            permissions: {
                [key: string]: ("session:use" | "environments:read" | "environments:write" | "applications:read" | "applications:write" | "collections:read" | "tenants:list" | "tenants:create" | "tenant:read" | "tenant:write" | "tenant:delete" | "access-tokens:read" | "access-tokens:write" | "enterprises:read" | "connections:write" | "reach:read" | "reach:read-users" | "reach:read-all" | "schedules:read" | "schedules:write" | "runs:read" | "syncs:write" | "records:read" | "stats:read" | "operations:read" | "api-keys:read" | "api-keys:write" | "platform-api-keys:read" | "platform-api-keys:write" | "members:read" | "members:write" | "users:read" | "users:write" | "audit:read" | "audit:read-all")[];
            };
            /** @description Send it as X-Keyrack-CSRF with every request that changes something */
            csrfToken: string;
        };
        SignInMethods: {
            /** @description Set where people can also sign in at an identity provider */
            oidc: {
                label: string;
            } | null;
        };
        Stats: {
            collections: {
                collection: string;
                records: number;
                deleted: number;
                lastChangedAt: string | null;
            }[];
            /** @description Per enterprise, or per chain for records that belong to one */
            items: {
                collection: string;
                enterpriseId: string | null;
                chainId: string | null;
                records: number;
                deleted: number;
                lastChangedAt: string | null;
            }[];
            unavailable: {
                collection: string;
                enterpriseId: string | null;
                chainId: string | null;
                accessTokenId: string | null;
                reason: string;
                /** Format: date-time */
                until: string;
            }[];
        };
        SyncPreview: {
            /** @enum {string} */
            mode: "incremental" | "full" | "backfill" | "mixed";
            from: string | null;
            to: string | null;
            runs: number;
            requestsAtLeast: number;
            /** @description Under the request budget of the AccessToken that takes longest, if nothing else uses it */
            secondsAtLeast: number;
            collections: {
                collection: string;
                /** @enum {string} */
                mode: "incremental" | "full" | "backfill" | "mixed";
                runs: number;
                /** @description The intervals of Mews that the period is asked by; empty where Mews has none and all is read */
                boundedBy: string[];
                /** @description Newest first; the first 1,000 of them */
                windows: {
                    /** @description Null where everything is asked for at once */
                    interval: string | null;
                    startUtc: string | null;
                    endUtc: string | null;
                    /** @description One for each enterprise and batch of ids, and one more for each thousand of the records that are known of it */
                    requests: number;
                }[];
                windowsTotal: number;
                /** @description Records that are stored already and will be read again, as far as the windows are of the update time */
                recordsKnown: number;
                /** @description The sum over the windows: exact where no record is unknown, since Mews does not say how many there are */
                requestsAtLeast: number;
                /** @description Collections by whose ids this one is asked for and that must be read first: its requests are known only then */
                waitsFor: string[];
                note: string | null;
            }[];
            accessTokens: {
                /** Format: uuid */
                accessTokenId: string;
                hint: string;
                requestsAtLeast: number;
                secondsAtLeast: number;
                /** @description What a sync may send in any so many seconds */
                budget: {
                    requests: number;
                    seconds: number;
                };
            }[];
            notStarted: {
                /** Format: uuid */
                enterpriseId: string;
                enterpriseName: string;
                /** @description Null for all of the enterprise */
                collection: string | null;
                /** @enum {string} */
                reason: "running" | "backfill_under_way" | "unavailable" | "not_connected";
                detail: string;
                runId: string | null;
            }[];
        };
        SyncStarted: {
            /** Format: uuid */
            operationId: string;
            /** @description Where a run of the collection was live already it is that one; where it was reading, an increment follows it, and the operation ends with that */
            runIds: string[];
        };
        Tenant: {
            /** Format: uuid */
            id: string;
            slug: string;
            name: string;
            /** @enum {string} */
            state: "active" | "deleting";
            /** Format: date-time */
            createdAt: string;
        };
        TokenUser: {
            /** @enum {string} */
            kind: "member" | "api_key" | "platform_user" | "platform_api_key";
            /** Format: uuid */
            id: string;
            name: string;
            /** @description Of people. Those of the platform are told to its administrators and auditors only */
            email: string | null;
            /** @enum {string} */
            role: "owner" | "developer" | "viewer" | "admin" | "operator" | "auditor";
            /** @description `sync`: have it used by a sync. `manage`: add, verify, rotate, disable and revoke. `connect`: choose which token is used. `read`: read the records that it brought */
            can: ("sync" | "manage" | "connect" | "read")[];
            /** @description The end of an API key */
            hint: string | null;
            expiresAt: string | null;
            lastUsedAt: string | null;
        };
        User: {
            /** Format: uuid */
            id: string;
            email: string;
            name: string;
            platformRole: ("admin" | "operator" | "auditor") | null;
            disabled: boolean;
            /** Format: date-time */
            createdAt: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    session_get: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_signIn: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    email: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_signOut: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    session_changePassword: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description The password until now */
                    current: string;
                    password: string;
                };
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_methods: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignInMethods"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_begin: {
        parameters: {
            query: {
                /** @description The page to come back to */
                from: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the provider */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    oidc_finish: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description To the page that was asked for, signed in; or to the sign-in page, which says what went wrong */
            302: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessLinks_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AccessLink"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessLinks_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "invitation";
                    /** Format: email */
                    email: string;
                    /** @enum {string} */
                    role: "owner" | "developer" | "viewer";
                } | {
                    /** @enum {string} */
                    kind: "password_reset";
                    /** Format: uuid */
                    userId: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedAccessLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessLinks_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAccessLinks_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AccessLink"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAccessLinks_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    kind: "invitation";
                    /** Format: email */
                    email: string;
                    /** @enum {string} */
                    role: "admin" | "operator" | "auditor";
                } | {
                    /** @enum {string} */
                    kind: "password_reset";
                    /** Format: uuid */
                    userId: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedAccessLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAccessLinks_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAccessLinks_open: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What stands behind the # of the link */
                    secret: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenedLink"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAccessLinks_redeem: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What stands behind the # of the link */
                    secret: string;
                    password: string;
                    /** @description Of a new person */
                    name?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAccessLinks_join: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description What stands behind the # of the link */
                    secret: string;
                    /** @description The password until now */
                    current?: string;
                    /** @description A new one of one's own; needed, with the one until now, by whoever has a password and access to one tenant at the most, which the owner there may know */
                    password?: string;
                };
            };
        };
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeys_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["ApiKey"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeys_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @enum {string} */
                    role: "owner" | "developer" | "viewer";
                    /** Format: date-time */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    apiKeys_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformApiKeys_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["PlatformApiKey"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformApiKeys_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    /** @enum {string} */
                    role: "admin" | "operator" | "auditor";
                    /** Format: date-time */
                    expiresAt?: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedPlatformApiKey"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformApiKeys_revoke: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["User"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    users_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                userId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    platformRole?: ("admin" | "operator" | "auditor") | null;
                    disabled?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["User"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    members_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Member"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    members_set: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @enum {string} */
                    role: "owner" | "developer" | "viewer";
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Member"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    members_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                userId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    audit_list: {
        parameters: {
            query?: {
                /** @description Id or name of who did it */
                actor?: string;
                /** @description An action such as tenant.created, or a noun such as tenant */
                action?: string;
                /** @description At or after this time */
                from?: string;
                /** @description Before this time */
                to?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEvent"][];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                    "application/jsonl": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAudit_list: {
        parameters: {
            query?: {
                /** @description Id or name of who did it */
                actor?: string;
                /** @description An action such as tenant.created, or a noun such as tenant */
                action?: string;
                /** @description At or after this time */
                from?: string;
                /** @description Before this time */
                to?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["AuditEvent"][];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                    "application/jsonl": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformAudit_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditVerification"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    environments_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Environment"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    environments_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    id: string;
                    name: string;
                    platformAddress: string;
                    webSocketAddress?: string;
                    /**
                     * @description How many requests Mews takes per AccessToken within how many seconds
                     * @default {
                     *       "requests": 200,
                     *       "seconds": 30
                     *     }
                     */
                    requestLimit?: {
                        requests: number;
                        seconds: number;
                    };
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    environments_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                environment: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    environments_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                environment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name?: string;
                    platformAddress?: string;
                    webSocketAddress?: string | null;
                    /** @description How many requests Mews takes per AccessToken within how many seconds */
                    requestLimit?: {
                        requests: number;
                        seconds: number;
                    };
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Environment"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applications_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Application"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applications_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                    version: string;
                    clientTokens?: {
                        environment: string;
                        clientToken: string;
                    }[];
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Application"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applications_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Application"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    applications_setClientToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                environment: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    clientToken: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Application"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tenants_list: {
        parameters: {
            query?: {
                /** @description Part of the name or slug */
                q?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Tenant"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tenants_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    slug: string;
                    name: string;
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tenants_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tenants_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tenants_rename: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    name: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Tenant"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    operations_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Operation"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_list: {
        parameters: {
            query?: {
                status?: "active" | "invalid" | "disabled" | "revoked";
                kind?: "enterprise" | "portfolio";
                environment?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            id: string;
                            environment: string;
                            /** Format: uuid */
                            applicationId: string;
                            label: string | null;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** @enum {string} */
                            status: "active" | "invalid" | "disabled" | "revoked";
                            hint: string;
                            fingerprint: string;
                            enterprises: {
                                reached: number;
                                connected: number;
                            };
                            /** @description When Mews last told what it opens */
                            lastVerifiedAt: string | null;
                            /** @description The later of the two below. That Keyrack re-reads the reach on schedule is no use */
                            lastUsedAt: string | null;
                            /** @description Last used by a sync */
                            lastSyncedAt: string | null;
                            /** @description Last used because a person or a program asked: verified, enabled, rotated */
                            lastInteractiveAt: string | null;
                            lastError: {
                                code: string;
                                message: string;
                                requestId: string | null;
                                /** Format: date-time */
                                at: string;
                            } | null;
                            /** Format: date-time */
                            createdAt: string;
                            rotatedAt: string | null;
                            revokedAt: string | null;
                            /** @description Days since this token text was stored */
                            ageDays: number;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_add: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    applicationId: string;
                    environment: string;
                    /** Format: password */
                    accessToken: string;
                    label?: string;
                    /** @description Which of the enterprises that the AccessToken opens are served by it from now on */
                    connect?: ("all" | "none") | string[];
                };
            };
        };
        responses: {
            /** @description Created */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        /** @enum {string} */
                        status: "active" | "invalid" | "disabled" | "revoked";
                        hint: string;
                        fingerprint: string;
                        environment: string;
                        /** Format: uuid */
                        applicationId: string;
                        label: string | null;
                        enterprises: {
                            /** Format: uuid */
                            id: string;
                            name: string;
                            /** Format: uuid */
                            chainId: string;
                            timeZone: string;
                            /**
                             * @description Through a token of its own, or through a portfolio token
                             * @enum {string}
                             */
                            via: "direct" | "portfolio";
                            connected: boolean;
                            /** @description The AccessToken that goes on serving this enterprise, if it is another */
                            connectedBy: {
                                /** Format: uuid */
                                accessTokenId: string;
                                hint: string;
                                /** @enum {string} */
                                kind: "enterprise" | "portfolio";
                            } | null;
                        }[];
                        /** @description Enterprises that another AccessToken served until now */
                        moved: {
                            /** Format: uuid */
                            enterpriseId: string;
                            from: {
                                /** Format: uuid */
                                accessTokenId: string;
                                hint: string;
                                /** @enum {string} */
                                kind: "enterprise" | "portfolio";
                            };
                        }[];
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_preview: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    applicationId: string;
                    environment: string;
                    /** Format: password */
                    accessToken: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        hint: string;
                        fingerprint: string;
                        /** @description Whether this tenant has this AccessToken already */
                        alreadyAdded: boolean;
                        accessTokenId: string | null;
                        enterprises: {
                            /** Format: uuid */
                            id: string;
                            name: string;
                            /** Format: uuid */
                            chainId: string;
                            timeZone: string;
                            connectedBy: {
                                /** Format: uuid */
                                accessTokenId: string;
                                hint: string;
                                /** @enum {string} */
                                kind: "enterprise" | "portfolio";
                            } | null;
                        }[];
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_import: {
        parameters: {
            query?: {
                /** @description Only tells what would be done */
                dryRun?: "true" | "false";
            };
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "text/csv": string;
            };
        };
        responses: {
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Accepted"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        environment: string;
                        /** Format: uuid */
                        applicationId: string;
                        label: string | null;
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        /** @enum {string} */
                        status: "active" | "invalid" | "disabled" | "revoked";
                        hint: string;
                        fingerprint: string;
                        enterprises: {
                            reached: number;
                            connected: number;
                        };
                        /** @description When Mews last told what it opens */
                        lastVerifiedAt: string | null;
                        /** @description The later of the two below. That Keyrack re-reads the reach on schedule is no use */
                        lastUsedAt: string | null;
                        /** @description Last used by a sync */
                        lastSyncedAt: string | null;
                        /** @description Last used because a person or a program asked: verified, enabled, rotated */
                        lastInteractiveAt: string | null;
                        lastError: {
                            code: string;
                            message: string;
                            requestId: string | null;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        rotatedAt: string | null;
                        revokedAt: string | null;
                        /** @description Days since this token text was stored */
                        ageDays: number;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_verify: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        gained: string[];
                        lost: string[];
                        /** @enum {string} */
                        status: "active" | "invalid" | "disabled" | "revoked";
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        lastError: {
                            code: string;
                            message: string;
                            requestId: string | null;
                            /** Format: date-time */
                            at: string;
                        } | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_rotate: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: password */
                    accessToken: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        environment: string;
                        /** Format: uuid */
                        applicationId: string;
                        label: string | null;
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        /** @enum {string} */
                        status: "active" | "invalid" | "disabled" | "revoked";
                        hint: string;
                        fingerprint: string;
                        enterprises: {
                            reached: number;
                            connected: number;
                        };
                        /** @description When Mews last told what it opens */
                        lastVerifiedAt: string | null;
                        /** @description The later of the two below. That Keyrack re-reads the reach on schedule is no use */
                        lastUsedAt: string | null;
                        /** @description Last used by a sync */
                        lastSyncedAt: string | null;
                        /** @description Last used because a person or a program asked: verified, enabled, rotated */
                        lastInteractiveAt: string | null;
                        lastError: {
                            code: string;
                            message: string;
                            requestId: string | null;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        rotatedAt: string | null;
                        revokedAt: string | null;
                        /** @description Days since this token text was stored */
                        ageDays: number;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_disable: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        environment: string;
                        /** Format: uuid */
                        applicationId: string;
                        label: string | null;
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        /** @enum {string} */
                        status: "active" | "invalid" | "disabled" | "revoked";
                        hint: string;
                        fingerprint: string;
                        enterprises: {
                            reached: number;
                            connected: number;
                        };
                        /** @description When Mews last told what it opens */
                        lastVerifiedAt: string | null;
                        /** @description The later of the two below. That Keyrack re-reads the reach on schedule is no use */
                        lastUsedAt: string | null;
                        /** @description Last used by a sync */
                        lastSyncedAt: string | null;
                        /** @description Last used because a person or a program asked: verified, enabled, rotated */
                        lastInteractiveAt: string | null;
                        lastError: {
                            code: string;
                            message: string;
                            requestId: string | null;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        rotatedAt: string | null;
                        revokedAt: string | null;
                        /** @description Days since this token text was stored */
                        ageDays: number;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    accessTokens_enable: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        environment: string;
                        /** Format: uuid */
                        applicationId: string;
                        label: string | null;
                        /** @enum {string} */
                        kind: "enterprise" | "portfolio";
                        /** @enum {string} */
                        status: "active" | "invalid" | "disabled" | "revoked";
                        hint: string;
                        fingerprint: string;
                        enterprises: {
                            reached: number;
                            connected: number;
                        };
                        /** @description When Mews last told what it opens */
                        lastVerifiedAt: string | null;
                        /** @description The later of the two below. That Keyrack re-reads the reach on schedule is no use */
                        lastUsedAt: string | null;
                        /** @description Last used by a sync */
                        lastSyncedAt: string | null;
                        /** @description Last used because a person or a program asked: verified, enabled, rotated */
                        lastInteractiveAt: string | null;
                        lastError: {
                            code: string;
                            message: string;
                            requestId: string | null;
                            /** Format: date-time */
                            at: string;
                        } | null;
                        /** Format: date-time */
                        createdAt: string;
                        rotatedAt: string | null;
                        revokedAt: string | null;
                        /** @description Days since this token text was stored */
                        ageDays: number;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enterprises_list: {
        parameters: {
            query?: {
                connected?: "true" | "false";
                /** @description Part of the name, or the whole id */
                q?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            id: string;
                            name: string;
                            /** Format: uuid */
                            chainId: string;
                            /** @description IANA time zone */
                            timeZone: string;
                            environment: string;
                            connected: boolean;
                            connection: {
                                /** Format: uuid */
                                accessTokenId: string;
                                hint: string;
                                /** @enum {string} */
                                kind: "enterprise" | "portfolio";
                                /** Format: date-time */
                                connectedAt: string;
                                /**
                                 * @description `usable`, or why the schedules of this enterprise pause
                                 * @enum {string}
                                 */
                                state: "usable" | "enterprise_lost" | "token_invalid" | "token_disabled" | "token_revoked";
                            } | null;
                            /** @description How many AccessTokens open this enterprise now */
                            tokens: number;
                            /** @description Of its worst collection; where all are fresh, of the most often pulled one */
                            freshness: components["schemas"]["Freshness"];
                            activity: {
                                running: number;
                                waiting: number;
                                queued: number;
                                /** @description Collections whose last run failed or asks for review */
                                failed: number;
                            };
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enterprises_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                enterpriseId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** Format: uuid */
                        chainId: string;
                        /** @description IANA time zone */
                        timeZone: string;
                        environment: string;
                        connected: boolean;
                        connection: {
                            /** Format: uuid */
                            accessTokenId: string;
                            hint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** Format: date-time */
                            connectedAt: string;
                            /**
                             * @description `usable`, or why the schedules of this enterprise pause
                             * @enum {string}
                             */
                            state: "usable" | "enterprise_lost" | "token_invalid" | "token_disabled" | "token_revoked";
                        } | null;
                        /** @description How many AccessTokens open this enterprise now */
                        tokens: number;
                        /** @description Of its worst collection; where all are fresh, of the most often pulled one */
                        freshness: components["schemas"]["Freshness"];
                        activity: {
                            running: number;
                            waiting: number;
                            queued: number;
                            /** @description Collections whose last run failed or asks for review */
                            failed: number;
                        };
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enterprises_connect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                enterpriseId: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** Format: uuid */
                    accessTokenId: string;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** Format: uuid */
                        enterpriseId: string;
                        /** Format: uuid */
                        accessTokenId: string;
                        /** Format: date-time */
                        connectedAt: string;
                        /** @description The AccessToken that served this enterprise before */
                        movedFrom: {
                            /** Format: uuid */
                            accessTokenId: string;
                            hint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                        } | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    enterprises_disconnect: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                enterpriseId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokenAudit_radius: {
        parameters: {
            query?: {
                /** @description What it opened at that time, and what is known of its collections up to then. Of refusals, and of reads that are longer ago than 30 days, only the first and the last of each collection are known: a time told is one at which it was so, there may have been a later one up to then. What it serves, hint, label, kind, status and what Mews does not serve to its kind are told as of now */
                asOf?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BlastRadius"];
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    tokenAudit_list: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["TokenUser"][];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reach_list: {
        parameters: {
            query?: {
                accessTokenId?: string;
                enterpriseId?: string;
                /** @description What could be reached at that time; `state` is then ignored */
                asOf?: string;
                state?: "current" | "lost" | "all";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            accessTokenId: string;
                            hint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /**
                             * @description Through a token of its own, or through a portfolio token. Of what is lost as it was when it was lost, of what is open still as it is now, also as of a time before
                             * @enum {string}
                             */
                            via: "direct" | "portfolio";
                            /** @description Whether this AccessToken serves this enterprise now */
                            connected: boolean;
                            /** Format: date-time */
                            firstSeenAt: string;
                            /** @description The last time Mews listed the enterprise for this AccessToken */
                            lastSeenAt: string | null;
                            lostAt: string | null;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reach_events: {
        parameters: {
            query?: {
                accessTokenId?: string;
                enterpriseId?: string;
                kind?: "gained" | "lost";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            id: string;
                            /** @enum {string} */
                            kind: "gained" | "lost";
                            /** Format: date-time */
                            at: string;
                            /** Format: uuid */
                            accessTokenId: string;
                            hint: string;
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                        }[];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reach_drift: {
        parameters: {
            query?: {
                /** @description The state at this time is compared; 30 days before `to` unless told */
                from?: string;
                /** @description With the state at this time; now unless told */
                to?: string;
                accessTokenId?: string;
                enterpriseId?: string;
                change?: "gained" | "lost";
                /** @description `net`: the difference between both times. `all`: also what came and went, or went and came back, in between */
                changes?: "net" | "all";
                /** @description Whether an AccessToken serves the enterprise now: with `change=gained` and false, what is open and nobody has connected */
                connected?: "true" | "false";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            id: string;
                            /** @enum {string} */
                            change: "gained" | "lost";
                            /** Format: date-time */
                            at: string;
                            /** @description What noticed it: the token was `added`, re-read on schedule (`check`), or a person or program had it verified, enabled, rotated or revoked. Null where it was not noted */
                            noticedBy: ("added" | "check" | "verify" | "enable" | "rotate" | "revoke") | null;
                            /** Format: uuid */
                            accessTokenId: string;
                            /** @description The end of the token */
                            hint: string;
                            label: string | null;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /** @description Whether the token opened the enterprise when the period began */
                            openBefore: boolean;
                            /** @description The same for its end */
                            openAfter: boolean;
                            /** @description The AccessToken that serves the enterprise now. Null: nobody has connected it */
                            connectedBy: {
                                /** Format: uuid */
                                accessTokenId: string;
                                hint: string;
                                /** @enum {string} */
                                kind: "enterprise" | "portfolio";
                            } | null;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reach_overlaps: {
        parameters: {
            query?: {
                /** @description What overlapped at that time. Which token is used is always told as of now */
                asOf?: string;
                enterpriseId?: string;
                /** @description Part of the enterprise's name */
                q?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /** @description How many AccessTokens open it */
                            tokens: number;
                            /** Format: uuid */
                            accessTokenId: string;
                            /** @description The end of the token */
                            hint: string;
                            label: string | null;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /**
                             * @description Through a token of its own, or through a portfolio token
                             * @enum {string}
                             */
                            via: "direct" | "portfolio";
                            /** @enum {string} */
                            status: "active" | "invalid" | "disabled" | "revoked";
                            /** Format: date-time */
                            firstSeenAt: string;
                            /** @description Whether syncs of this enterprise use this AccessToken now */
                            used: boolean;
                            /** @description The AccessToken that serves the enterprise now */
                            usedAccessTokenId: string | null;
                            usedHint: string | null;
                            why: ("own_token" | "chosen" | "kept") | null;
                            /** @description `usable`, or why the schedules pause; null: not connected */
                            connectionState: ("usable" | "enterprise_lost" | "token_invalid" | "token_disabled" | "token_revoked") | null;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reach_unused: {
        parameters: {
            query?: {
                /** @description Not used for so many days; those never used count from the day they were added. 0 lists every token */
                days?: number;
                status?: "active" | "invalid" | "disabled";
                kind?: "enterprise" | "portfolio";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            accessTokenId: string;
                            /** @description The end of the token */
                            hint: string;
                            label: string | null;
                            fingerprint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** @enum {string} */
                            status: "active" | "invalid" | "disabled" | "revoked";
                            environment: string;
                            /** Format: date-time */
                            createdAt: string;
                            /** @description Days since it was added */
                            ageDays: number;
                            lastUsedAt: string | null;
                            lastSyncedAt: string | null;
                            lastInteractiveAt: string | null;
                            /** @description That Keyrack re-reads the reach on schedule is no use of a token */
                            lastVerifiedAt: string | null;
                            /** @description Days since its last use; of one never used, since it was added */
                            unusedDays: number;
                            /** @description Enterprises that it opens now */
                            opens: number;
                            /** @description Enterprises whose syncs use it */
                            serves: number;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformReach_list: {
        parameters: {
            query?: {
                accessTokenId?: string;
                enterpriseId?: string;
                /** @description What could be reached at that time; `state` is then ignored */
                asOf?: string;
                state?: "current" | "lost" | "all";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
                /** @description Slug or id of one tenant */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            accessTokenId: string;
                            hint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /**
                             * @description Through a token of its own, or through a portfolio token. Of what is lost as it was when it was lost, of what is open still as it is now, also as of a time before
                             * @enum {string}
                             */
                            via: "direct" | "portfolio";
                            /** @description Whether this AccessToken serves this enterprise now */
                            connected: boolean;
                            /** Format: date-time */
                            firstSeenAt: string;
                            /** @description The last time Mews listed the enterprise for this AccessToken */
                            lastSeenAt: string | null;
                            lostAt: string | null;
                            /** Format: uuid */
                            tenantId: string;
                            /** @description The slug of the tenant */
                            tenant: string;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformReach_drift: {
        parameters: {
            query?: {
                /** @description The state at this time is compared; 30 days before `to` unless told */
                from?: string;
                /** @description With the state at this time; now unless told */
                to?: string;
                accessTokenId?: string;
                enterpriseId?: string;
                change?: "gained" | "lost";
                /** @description `net`: the difference between both times. `all`: also what came and went, or went and came back, in between */
                changes?: "net" | "all";
                /** @description Whether an AccessToken serves the enterprise now: with `change=gained` and false, what is open and nobody has connected */
                connected?: "true" | "false";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
                /** @description Slug or id of one tenant */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            id: string;
                            /** @enum {string} */
                            change: "gained" | "lost";
                            /** Format: date-time */
                            at: string;
                            /** @description What noticed it: the token was `added`, re-read on schedule (`check`), or a person or program had it verified, enabled, rotated or revoked. Null where it was not noted */
                            noticedBy: ("added" | "check" | "verify" | "enable" | "rotate" | "revoke") | null;
                            /** Format: uuid */
                            accessTokenId: string;
                            /** @description The end of the token */
                            hint: string;
                            label: string | null;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /** @description Whether the token opened the enterprise when the period began */
                            openBefore: boolean;
                            /** @description The same for its end */
                            openAfter: boolean;
                            /** @description The AccessToken that serves the enterprise now. Null: nobody has connected it */
                            connectedBy: {
                                /** Format: uuid */
                                accessTokenId: string;
                                hint: string;
                                /** @enum {string} */
                                kind: "enterprise" | "portfolio";
                            } | null;
                            /** Format: uuid */
                            tenantId: string;
                            /** @description The slug of the tenant */
                            tenant: string;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformReach_overlaps: {
        parameters: {
            query?: {
                /** @description What overlapped at that time. Which token is used is always told as of now */
                asOf?: string;
                enterpriseId?: string;
                /** @description Part of the enterprise's name */
                q?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
                /** @description Slug or id of one tenant */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /** @description How many AccessTokens open it */
                            tokens: number;
                            /** Format: uuid */
                            accessTokenId: string;
                            /** @description The end of the token */
                            hint: string;
                            label: string | null;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /**
                             * @description Through a token of its own, or through a portfolio token
                             * @enum {string}
                             */
                            via: "direct" | "portfolio";
                            /** @enum {string} */
                            status: "active" | "invalid" | "disabled" | "revoked";
                            /** Format: date-time */
                            firstSeenAt: string;
                            /** @description Whether syncs of this enterprise use this AccessToken now */
                            used: boolean;
                            /** @description The AccessToken that serves the enterprise now */
                            usedAccessTokenId: string | null;
                            usedHint: string | null;
                            why: ("own_token" | "chosen" | "kept") | null;
                            /** @description `usable`, or why the schedules pause; null: not connected */
                            connectionState: ("usable" | "enterprise_lost" | "token_invalid" | "token_disabled" | "token_revoked") | null;
                            /** Format: uuid */
                            tenantId: string;
                            /** @description The slug of the tenant */
                            tenant: string;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    platformReach_unused: {
        parameters: {
            query?: {
                /** @description Not used for so many days; those never used count from the day they were added. 0 lists every token */
                days?: number;
                status?: "active" | "invalid" | "disabled";
                kind?: "enterprise" | "portfolio";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
                /** @description Slug or id of one tenant */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            accessTokenId: string;
                            /** @description The end of the token */
                            hint: string;
                            label: string | null;
                            fingerprint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** @enum {string} */
                            status: "active" | "invalid" | "disabled" | "revoked";
                            environment: string;
                            /** Format: date-time */
                            createdAt: string;
                            /** @description Days since it was added */
                            ageDays: number;
                            lastUsedAt: string | null;
                            lastSyncedAt: string | null;
                            lastInteractiveAt: string | null;
                            /** @description That Keyrack re-reads the reach on schedule is no use of a token */
                            lastVerifiedAt: string | null;
                            /** @description Days since its last use; of one never used, since it was added */
                            unusedDays: number;
                            /** @description Enterprises that it opens now */
                            opens: number;
                            /** @description Enterprises whose syncs use it */
                            serves: number;
                            /** Format: uuid */
                            tenantId: string;
                            /** @description The slug of the tenant */
                            tenant: string;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    reachOfAll_list: {
        parameters: {
            query?: {
                accessTokenId?: string;
                enterpriseId?: string;
                /** @description What could be reached at that time; `state` is then ignored */
                asOf?: string;
                state?: "current" | "lost" | "all";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
                /** @description Slug or id of one tenant */
                tenant?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: {
                            /** Format: uuid */
                            accessTokenId: string;
                            hint: string;
                            /** @enum {string} */
                            kind: "enterprise" | "portfolio";
                            /** Format: uuid */
                            enterpriseId: string;
                            enterpriseName: string;
                            /**
                             * @description Through a token of its own, or through a portfolio token. Of what is lost as it was when it was lost, of what is open still as it is now, also as of a time before
                             * @enum {string}
                             */
                            via: "direct" | "portfolio";
                            /** @description Whether this AccessToken serves this enterprise now */
                            connected: boolean;
                            /** Format: date-time */
                            firstSeenAt: string;
                            /** @description The last time Mews listed the enterprise for this AccessToken */
                            lastSeenAt: string | null;
                            lostAt: string | null;
                            /** Format: uuid */
                            tenantId: string;
                            /** @description The slug of the tenant */
                            tenant: string;
                        }[];
                        nextCursor: string | null;
                    };
                    "text/csv": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_setSchedule: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                enterpriseId: string;
                collection: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description ISO 8601 duration between runs */
                    every?: string;
                    /** @description Five fields: minute, hour, day of month, month, day of week */
                    cron?: string;
                    /** @description IANA zone of the cron expression; the enterprise's own when left out */
                    timeZone?: string;
                    /** @default true */
                    enabled?: boolean;
                };
            };
        };
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Schedule"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_listSchedules: {
        parameters: {
            query?: {
                enterpriseId?: string;
                collection?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Schedule"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_start: {
        parameters: {
            query?: {
                /** @description Only tells what would be done */
                dryRun?: "true" | "false";
            };
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": {
                    /** @description All connected enterprises when left out */
                    enterpriseIds?: string[];
                    /** @description All that the AccessTokens may read when left out */
                    collections?: string[];
                    /**
                     * @default incremental
                     * @enum {string}
                     */
                    mode?: "incremental" | "full";
                    /**
                     * Format: date-time
                     * @description Start of a backfill, by the interval that Mews has for the collection, mostly its update time. A collection without one is read whole; a backfill deletes nothing
                     */
                    from?: string;
                    /**
                     * Format: date-time
                     * @description End of a backfill, exclusive
                     */
                    to?: string;
                };
            };
        };
        responses: {
            /** @description With dryRun: what would be started, and what it would take at least; nothing is written */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncPreview"];
                };
            };
            /** @description Accepted */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SyncStarted"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_listRuns: {
        parameters: {
            query?: {
                enterpriseId?: string;
                collection?: string;
                /** @description One state, or several separated by commas */
                state?: string;
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Run"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_getRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_pause: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_resume: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_retry: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    syncs_confirm: {
        parameters: {
            query?: never;
            header?: {
                /** @description A text of your choice: a repetition with the same key gets the first answer and changes nothing */
                "Idempotency-Key"?: string;
            };
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunDetail"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    records_list: {
        parameters: {
            query?: {
                enterpriseId?: string;
                chainId?: string;
                /** @description Also records that Mews no longer lists */
                includeDeleted?: "true" | "false";
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                /** @description nextCursor of the page before */
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Record"][];
                        nextCursor: string | null;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    records_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                collection: string;
                recordId: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Record"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    records_changes: {
        parameters: {
            query?: {
                /** @description How many items at the most, 1 to 500 */
                limit?: number;
                cursor?: string;
            };
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
                collection: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Change"][];
                        cursor: string;
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    records_stats: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    collections_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        items: components["schemas"]["Collection"][];
                    };
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    events_events: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": string;
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    overview_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The slug or id of a tenant */
                tenant: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Overview"];
                };
            };
            /** @description What went wrong */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
