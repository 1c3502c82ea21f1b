package ecml

// The rows of RFC 4112 2.1.1, in its groups.

// partyFields returns the rows of ShipTo, BillTo or ReceiptTo (2.1.1.1).
func partyFields(p string) []Field {
	form, xml := "Ecom_"+p+"_", p+"/"
	return []Field{
		{form + "Postal_Name_Prefix", xml + "Postal/Name/@Prefix", 4, TypeNMToken, Version10, ClassPersonal, 1},
		{form + "Postal_Name_First", xml + "Postal/Name/@First", 15, TypeNMToken, Version10, ClassPersonal, 54},
		{form + "Postal_Name_Middle", xml + "Postal/Name/@Middle", 15, TypeNMToken, Version10, ClassPersonal, 2},
		{form + "Postal_Name_Last", xml + "Postal/Name/@Last", 15, TypeNMToken, Version10, ClassPersonal, 54},
		{form + "Postal_Name_Suffix", xml + "Postal/Name/@Suffix", 4, TypeNMToken, Version10, ClassPersonal, 3},
		{form + "Postal_Company", xml + "Postal/Company", 20, TypeText, Version11, ClassPersonal, 0},
		{form + "Postal_Street_Line1", xml + "Postal/Street/@Line1", 20, TypeText, Version10, ClassPersonal, 4},
		{form + "Postal_Street_Line2", xml + "Postal/Street/@Line2", 20, TypeText, Version10, ClassPersonal, 4},
		{form + "Postal_Street_Line3", xml + "Postal/Street/@Line3", 20, TypeText, Version10, ClassPersonal, 4},
		{form + "Postal_City", xml + "Postal/City", 22, TypeText, Version10, ClassPersonal, 0},
		{form + "Postal_StateProv", xml + "Postal/StateProv", 2, TypeText, Version10, ClassPersonal, 5},
		{form + "Postal_PostalCode", xml + "Postal/@PostalCode", 14, TypeNMToken, Version10, ClassPersonal, 6},
		{form + "Postal_CountryCode", xml + "Postal/@CountryCode", 2, TypeCountry, Version10, ClassPersonal, 7},
		{form + "Telecom_Phone_Number", xml + "Telecom/Phone/@Number", 10, TypePhone, Version10, ClassPersonal, 8},
		{form + "Online_Email", xml + "Online/Email/@Address", 40, TypeEmail, Version10, ClassPersonal, 9},
	}
}

var cardFields = []Field{
	{"Ecom_Payment_Card_Name", "Payment/Card/@Name", 30, TypeText, Version10, ClassPersonal, 10},
	{"Ecom_Payment_Card_Type", "Payment/Card/@Type", 4, TypeCardType, Version10, ClassPlain, 11},
	{"Ecom_Payment_Card_Number", "Payment/Card/@Number", 19, TypeCardNumber, Version10, ClassInstrument, 12},
	{"Ecom_Payment_Card_Verification", "Payment/Card/@Verification", 4, TypeVerification, Version10, ClassSecret, 13},
	{"Ecom_Payment_Card_IssueNumber", "Payment/Card/@Issuer", 2, TypeNMToken, Version20, ClassInstrument, 53},
	{"Ecom_Payment_Card_ExpDate_Day", "Payment/Card/ExpDate/@Day", 2, TypeDay, Version10, ClassInstrument, 14},
	{"Ecom_Payment_Card_ExpDate_Month", "Payment/Card/ExpDate/@Month", 2, TypeMonth, Version10, ClassInstrument, 15},
	{"Ecom_Payment_Card_ExpDate_Year", "Payment/Card/ExpDate/@Year", 4, TypeYear, Version10, ClassInstrument, 16},
	{"Ecom_Payment_Card_ValidFrom_Day", "Payment/Card/ValidDate/@Day", 2, TypeDay, Version20, ClassInstrument, 14},
	{"Ecom_Payment_Card_ValidFrom_Month", "Payment/Card/ValidDate/@Month", 2, TypeMonth, Version20, ClassInstrument, 15},
	{"Ecom_Payment_Card_ValidFrom_Year", "Payment/Card/ValidDate/@Year", 4, TypeYear, Version20, ClassInstrument, 16},
	{"Ecom_Payment_Card_Protocol", "Payment/Card/@Protocols", 20, TypeProtocols, Version10, ClassPlain, 17},
}

// The RFC's table states 2 for the year of ExpDate, though its note 16 says
// four digits; and it points to note 34 for the number, by mistake.
var loyaltyFields = []Field{
	{"Ecom_Loyalty_Card_Name", "Loyalty/@Name", 30, TypeText, Version20, ClassPersonal, 10},
	{"Ecom_Loyalty_Card_Type", "Loyalty/@Type", 20, TypeNMToken, Version20, ClassPlain, 52},
	{"Ecom_Loyalty_Card_Number", "Loyalty/@Number", 40, TypeLoyaltyNumber, Version20, ClassPersonal, 34},
	{"Ecom_Loyalty_Card_Verification", "Loyalty/@Verification", 4, TypeVerification, Version20, ClassSecret, 13},
	{"Ecom_Loyalty_Card_ExpDate_Day", "Loyalty/ExpDate/@Day", 2, TypeDay, Version20, ClassPersonal, 14},
	{"Ecom_Loyalty_Card_ExpDate_Month", "Loyalty/ExpDate/@Month", 2, TypeMonth, Version20, ClassPersonal, 15},
	{"Ecom_Loyalty_Card_ExpDate_Year", "Loyalty/ExpDate/@Year", 2, TypeYear, Version20, ClassPersonal, 16},
	{"Ecom_Loyalty_Card_ValidFrom_Day", "Loyalty/ValidDate/@Day", 2, TypeDay, Version20, ClassPersonal, 14},
	{"Ecom_Loyalty_Card_ValidFrom_Month", "Loyalty/ValidDate/@Month", 2, TypeMonth, Version20, ClassPersonal, 15},
	{"Ecom_Loyalty_Card_ValidFrom_Year", "Loyalty/ValidDate/@Year", 4, TypeYear, Version20, ClassPersonal, 16},
}

var consumerFields = []Field{
	{"Ecom_ConsumerOrderID", "@ConsumerOrderID", 20, TypeText, Version10, ClassPlain, 18},
	{"Ecom_User_ID", "User/UserID", 40, TypeText, Version11, ClassPersonal, 19},
	{"Ecom_User_Password", "User/Password", 20, TypePassword, Version11, ClassSecret, 19},
	{"Ecom_User_Certificate_URL", "User/@CertificateURL", 128, TypeURI, Version20, ClassPersonal, 55},
	{"Ecom_UserData_Country", "User/@DataCountry", 2, TypeCountry, Version20, ClassPersonal, 7},
	{"Ecom_UserData_Language", "User/@DataLanguage", 30, TypeLanguage, Version20, ClassPersonal, 33},
	{"Ecom_UserData_Gender", "", 1, TypeGender, Version20, ClassPersonal, 36},
	{"Ecom_UserData_BirthDate_Day", "", 2, TypeDay, Version20, ClassPersonal, 14},
	{"Ecom_UserData_BirthDate_Month", "", 2, TypeMonth, Version20, ClassPersonal, 15},
	{"Ecom_UserData_BirthDate_Year", "", 4, TypeYear, Version20, ClassPersonal, 16},
	{"Ecom_UserData_Preferences", "", 60, TypeText, Version20, ClassPersonal, 34},
	{"Ecom_SchemaVersion", "@SchemaVersion", 30, TypeSchemaVersion, Version10, ClassPlain, 20},
	{"Ecom_WalletID", "@WalletID", 40, TypeText, Version11, ClassPlain, 21},
	{"Ecom_Wallet_Location", "@WalletLocation", 128, TypeURI, Version20, ClassPersonal, 35},
	{"Ecom_Device_ID", "", 20, TypeText, Version20, ClassPersonal, 37},
	{"Ecom_Device_Type", "", 20, TypeText, Version20, ClassPlain, 38},
	{"Ecom_TransactionComplete", "TransactionComplete", 0, TypeFlag, Version10, ClassPlain, 22},
}

var merchantFields = []Field{
	{"Ecom_Merchant", "@Merchant", 128, TypeText, Version11, ClassPlain, 23},
	{"Ecom_Processor", "@Processor", 128, TypeText, Version11, ClassPlain, 24},
	{"Ecom_Transaction_ID", "Transaction/Id/@id", 128, TypeID, Version11, ClassPlain, 25},
	{"Ecom_Transaction_Inquiry", "Transaction/Inquiry", 500, TypeURI, Version11, ClassPlain, 26},
	{"Ecom_Transaction_Amount", "Transaction/@Amount", 128, TypeAmount, Version11, ClassPlain, 27},
	{"Ecom_Transaction_CurrencyCode", "Transaction/@Currency", 3, TypeCurrency, Version11, ClassPlain, 28},
	{"Ecom_Transaction_Date", "", 80, TypeISODate, Version11, ClassPlain, 29},
	{"Ecom_Transaction_Type", "Transaction/@Type", 24, TypeTransactionType, Version11, ClassPlain, 30},
	{"Ecom_Transaction_Signature", "Transaction/Signature", 160, TypeBase64, Version11, ClassPlain, 31},
}

var processorFields = []Field{
	{"Ecom_Merchant_ID", "Merchant/@id", 8, TypeID, Version20, ClassPlain, 0},
	{"Ecom_Merchant_Terminal_ID", "Merchant/Terminal/@id", 8, TypeID, Version20, ClassPlain, 39},
	{"Ecom_Merchant_Terminal_Data", "Merchant/Terminal/@Data", 128, TypeText, Version20, ClassPlain, 0},
	{"Ecom_Transaction_ProcessingCode", "Transaction/Code/@Processing", 6, TypeText, Version20, ClassPlain, 40},
	{"Ecom_Transaction_Reference_ID", "Transaction/Id/@Reference", 12, TypeNMToken, Version20, ClassPlain, 0},
	{"Ecom_Transaction_Acquire_ID", "Transaction/Id/@Acquire", 13, TypeNMToken, Version20, ClassPlain, 41},
	{"Ecom_Transaction_Forward_ID", "Transaction/Id/@Forward", 13, TypeNMToken, Version20, ClassPlain, 42},
	{"Ecom_Transaction_Trace_Audit", "Transaction/Data/Trace", 6, TypeText, Version20, ClassPlain, 43},
	{"Ecom_Transaction_Effective_Date", "Transaction/Date/Effective", 4, TypeShortDate, Version20, ClassPlain, 44},
	{"Ecom_Transaction_CID", "Transaction/Id/@CID", 8, TypeNMToken, Version20, ClassPlain, 0},
	{"Ecom_Transaction_POSCode", "Transaction/Code/@POS", 12, TypeNMToken, Version20, ClassPlain, 45},
	{"Ecom_Transaction_PrivateUseData", "Transaction/Data/PrivateUse", 166, TypeText, Version20, ClassPlain, 0},
	{"Ecom_Transaction_ResponseData", "Transaction/Data/Response", 27, TypeText, Version20, ClassPlain, 0},
	{"Ecom_Transaction_ApprovalCode", "Transaction/Code/@Approval", 12, TypeNMToken, Version20, ClassPlain, 46},
	{"Ecom_Transaction_RetrievalCode", "Transaction/Code/@Retrieval", 128, TypeNMToken, Version20, ClassPlain, 0},
	{"Ecom_Transaction_ActionCode", "Transaction/Code/@Action", 13, TypeNMToken, Version20, ClassPlain, 47},
	{"Ecom_Transaction_ReasonCode", "Transaction/Code/@Reason", 4, TypeNMToken, Version20, ClassPlain, 0},
	{"Ecom_Transaction_AAV", "Transaction/Data/AAV", 3, TypeText, Version20, ClassPlain, 0},
	{"Ecom_Transaction_Settle_Date", "Transaction/Date/Settle", 4, TypeShortDate, Version20, ClassPlain, 48},
	{"Ecom_Transaction_Capture_Date", "Transaction/Date/Capture", 4, TypeShortDate, Version20, ClassPlain, 49},
	{"Ecom_Transaction_Track1", "Transaction/Data/Track1", 39, TypeTrack, Version20, ClassSecret, 50},
	{"Ecom_Transaction_Track2", "Transaction/Data/Track2", 39, TypeTrack, Version20, ClassSecret, 51},
}

// aggregate is a form name that stands for all the fields below an element. A
// form asks for them by it; it has no value of its own.
type aggregate struct{ name, path string }

var aggregates = append([]aggregate{
	{"Ecom_Payment", "Payment"},
	{"Ecom_Payment_Card", "Payment/Card"},
	{"Ecom_Payment_Card_ExpDate", "Payment/Card/ExpDate"},
	{"Ecom_Payment_Card_ValidFrom", "Payment/Card/ValidDate"},
	{"Ecom_Loyalty_Card", "Loyalty"},
	{"Ecom_Loyalty_Card_ExpDate", "Loyalty/ExpDate"},
	{"Ecom_Loyalty_Card_ValidFrom", "Loyalty/ValidDate"},
	{"Ecom_User", "User"},
	{"Ecom_Transaction", "Transaction"},
}, partyAggregates()...)

func partyAggregates() []aggregate {
	var out []aggregate
	for _, p := range []string{"ShipTo", "BillTo", "ReceiptTo"} {
		form := "Ecom_" + p
		out = append(out,
			aggregate{form, p},
			aggregate{form + "_Postal", p + "/Postal"},
			aggregate{form + "_Postal_Name", p + "/Postal/Name"},
			aggregate{form + "_Postal_Street", p + "/Postal/Street"},
			aggregate{form + "_Telecom", p + "/Telecom"},
			aggregate{form + "_Telecom_Phone", p + "/Telecom/Phone"},
			aggregate{form + "_Online", p + "/Online"},
		)
	}
	return out
}
